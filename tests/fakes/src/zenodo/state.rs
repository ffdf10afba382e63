//! What the service remembers, and the rules about it that need no request:
//! who owns what, and what a published deposit still allows.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::deposit::{Deposit, StoredFile, View};
use super::metadata::{self, FieldError};
use crate::refused::Refused;

/// Someone with a token.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) token: String,
    /// The scope `deposit:actions`.
    pub(crate) may_publish: bool,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) users: Vec<User>,
    pub(crate) deposits: BTreeMap<u64, Deposit>,
    pub(crate) next: u64,
    pub(crate) view: View,
    /// The status of a successful deletion of a deposit.
    pub(crate) deleted: u16,
    /// The status of a successful upload to a bucket.
    pub(crate) stored: u16,
}

/// The state behind its lock.
#[derive(Debug)]
pub(crate) struct Shared(Mutex<State>);

impl Default for Shared {
    fn default() -> Self {
        Self(Mutex::new(State {
            users: Vec::new(),
            deposits: BTreeMap::new(),
            next: 542_201,
            view: View::default(),
            deleted: 204,
            stored: 201,
        }))
    }
}

impl Shared {
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const DENIED: &str = "You don't have the permission to access the requested resource.";

pub(crate) fn invalid(errors: &[FieldError]) -> Refused {
    let shown = |error: &FieldError| json!({"field": error.field, "message": error.message});
    let errors: Value = errors.iter().map(shown).collect();
    Refused {
        status: 400,
        body: json!({"message": "Validation error.", "status": 400, "errors": errors}),
    }
}

impl State {
    /// A deposit of this user.
    pub(crate) fn deposit(&mut self, user: &User, id: u64) -> Result<&mut Deposit, Refused> {
        let deposit = self.deposits.get_mut(&id);
        let deposit = deposit.ok_or_else(|| Refused::plain(404, "Deposition not found"))?;
        if deposit.owner != user.token {
            return Err(Refused::plain(403, DENIED));
        }
        Ok(deposit)
    }

    /// A deposit of this user that is not published.
    pub(crate) fn draft(&mut self, user: &User, id: u64) -> Result<&mut Deposit, Refused> {
        let deposit = self.deposit(user, id)?;
        if deposit.submitted {
            return Err(Refused::plain(403, "The deposition is already published."));
        }
        Ok(deposit)
    }

    /// The deposit behind a bucket of this user.
    pub(crate) fn bucket(&mut self, user: &User, bucket: &str) -> Result<&mut Deposit, Refused> {
        let mut deposits = self.deposits.values_mut();
        let deposit = deposits.find(|deposit| deposit.bucket == bucket);
        let deposit = deposit.ok_or_else(|| Refused::plain(404, "Bucket does not exist."))?;
        if deposit.owner != user.token {
            return Err(Refused::plain(403, DENIED));
        }
        Ok(deposit)
    }

    /// The same, while it can be written.
    pub(crate) fn open(&mut self, user: &User, bucket: &str) -> Result<&mut Deposit, Refused> {
        let deposit = self.bucket(user, bucket)?;
        if deposit.submitted {
            return Err(Refused::plain(403, "Bucket is locked for modifications."));
        }
        Ok(deposit)
    }

    /// A new deposit; `None` leaves its metadata empty.
    pub(crate) fn create(&mut self, user: &User, metadata: Option<Value>) -> Result<u64, Refused> {
        let mut deposit = Deposit::new(self.next, &user.token);
        if let Some(metadata) = metadata {
            describe(&mut deposit, metadata)?;
        }
        self.deposits.insert(self.next, deposit);
        self.next += 1;
        Ok(self.next - 1)
    }

    /// Publishes what is ready for it.
    pub(crate) fn publish(&mut self, user: &User, id: u64) -> Result<&Deposit, Refused> {
        let deposit = self.draft(user, id)?;
        if !user.may_publish {
            return Err(Refused::plain(403, DENIED));
        }
        let errors = metadata::check(&deposit.metadata);
        if !errors.is_empty() {
            return Err(invalid(&errors));
        }
        if deposit.files.is_empty() {
            let error = json!({"code": 10, "message": "Minimum one file must be provided."});
            return Err(Refused {
                status: 400,
                body: json!({"message": "Validation error.", "status": 400, "errors": [error]}),
            });
        }
        deposit.publish();
        Ok(deposit)
    }
}

/// Puts checked metadata.
pub(crate) fn describe(deposit: &mut Deposit, metadata: Value) -> Result<(), Refused> {
    let errors = metadata::check(&metadata);
    if !errors.is_empty() {
        return Err(invalid(&errors));
    }
    deposit.metadata = metadata;
    Ok(())
}

/// A file of a deposit.
pub(crate) fn find(
    deposit: &Deposit,
    which: impl Fn(&StoredFile) -> bool,
) -> Result<&StoredFile, Refused> {
    let file = deposit.files.iter().find(|file| which(file));
    file.ok_or_else(|| Refused::plain(404, "File does not exist."))
}

/// Takes a file out.
pub(crate) fn remove(
    deposit: &mut Deposit,
    which: impl Fn(&StoredFile) -> bool,
) -> Result<(), Refused> {
    let at = deposit.files.iter().position(which);
    let at = at.ok_or_else(|| Refused::plain(404, "File does not exist."))?;
    deposit.files.remove(at);
    Ok(())
}
