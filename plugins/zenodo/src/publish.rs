//! Publishing, which cannot be taken back. It is asked for once, and only while the deposit is not
//! published; when the answer is lost, the deposit itself says whether it took effect.

use tenon_sdk::{Error, Kind, Result, http::Request, warn};

use crate::{
    client::{self, Client},
    deposit::{Deposit, Id},
};

/// Publishes a deposit that is not published yet and gives its DOI.
pub(crate) fn publish(client: &Client, id: &Id) -> Result<String> {
    let before = client.deposit(id)?;
    if before.is_published() {
        return doi(&before, id);
    }
    let request = Request::post(format!("{}/actions/publish", client.deposit_url(id)));
    match client::send(request, id.as_str()) {
        Ok(response) => {
            // It is published, whatever becomes of the answer's body.
            let after = client::json::<Deposit>(response, id.as_str());
            let after = match after {
                Ok(after) if after.doi().is_some() => Ok(after),
                _ => client.deposit(id),
            };
            doi(after.as_ref().unwrap_or(&before), id)
        }
        Err(error) if may_have_taken_effect(&error) => settle(client, id, &error),
        Err(error) => Err(error),
    }
}

/// Whether the deposit may be published in spite of this error: the answer may have been lost, or
/// somebody else was faster and nothing is left to be published.
fn may_have_taken_effect(error: &Error) -> bool {
    matches!(
        error.kind(),
        Kind::Unavailable | Kind::Conflict | Kind::NotFound | Kind::Denied
    )
}

/// Finds out what became of a deposit that could not be published for `cause`.
fn settle(client: &Client, id: &Id, cause: &Error) -> Result<String> {
    let lost = cause.kind() == Kind::Unavailable;
    let note = match client.deposit(id) {
        Ok(after) if after.is_published() => return doi(&after, id),
        Ok(_) if lost => "the deposit is not published so far",
        Err(_) if lost => "whether the deposit was published is not known",
        _ => return Err(cause.clone()),
    };
    warn!("publishing deposit {id} failed: {cause}; {note}");
    Err(cause.clone().noting(note))
}

fn doi(deposit: &Deposit, id: &Id) -> Result<String> {
    deposit.doi().map(str::to_owned).ok_or_else(|| {
        Error::unavailable("the deposit is published, but Zenodo tells no DOI").about(id.as_str())
    })
}
