//! The two ways for a file into a deposit. Neither stores anything of an
//! upload that breaks off.

use bytes::Bytes;

use super::api::{Service, id};
use super::deposit::StoredFile;
use super::state::User;
use crate::content::Content;
use crate::exchange::{self, Answer, Broken, Exchange, json};
use crate::multipart;
use crate::refused::Refused;

/// The most that the old upload takes.
pub const OLD_LIMIT: usize = 100 << 20;

/// The longest key of a bucket.
const KEY_LIMIT: usize = 255;

type Outcome = Result<Result<Answer, Refused>, Broken>;

async fn refuse(exchange: &mut Exchange, refused: Refused) -> Outcome {
    exchange.drain().await?;
    Ok(Err(refused))
}

/// `PUT /api/files/{bucket}/{key}`: the bytes are the file.
pub(crate) async fn object(service: &Service, user: &User, exchange: &mut Exchange) -> Outcome {
    let Some((bucket, key)) = address(exchange) else {
        exchange.violation("a key that cannot be decoded");
        return refuse(exchange, Refused::plain(404, "Not found.")).await;
    };
    let writable = service.shared.lock().open(user, &bucket).map(drop);
    if let Err(refused) = writable {
        return refuse(exchange, refused).await;
    }
    if key.len() > KEY_LIMIT {
        return refuse(exchange, Refused::plain(400, "Filename is too long.")).await;
    }
    if exchange.is_chunked() || exchange.declared().is_none() {
        exchange.violation("an upload without `content-length`");
        let refused = Refused::plain(400, "File is smaller than expected.");
        return refuse(exchange, refused).await;
    }
    if !["", "application/octet-stream"].contains(&exchange.media_type().as_str()) {
        exchange.violation("an upload that is not `application/octet-stream`");
        return refuse(exchange, Refused::plain(415, "Unsupported media type.")).await;
    }
    let file = StoredFile::new(key, Content::receive(exchange).await?);
    let state = &mut *service.shared.lock();
    let (view, stored) = (state.view.clone(), state.stored);
    // It may have been published or deleted meanwhile.
    Ok(state.open(user, &bucket).map(|deposit| {
        let shown = deposit.show_object(&file, &view);
        deposit.store(file);
        json(stored, &shown)
    }))
}

fn address(exchange: &Exchange) -> Option<(String, String)> {
    let segments = exchange.segments()?;
    let bucket = segments.get(2)?.clone();
    let key = segments.get(3)?.clone();
    Some((bucket, key))
}

/// `POST /api/deposit/depositions/{id}/files`: a form with `name` and `file`.
pub(crate) async fn multipart(service: &Service, user: &User, exchange: &mut Exchange) -> Outcome {
    let writable = id(exchange).and_then(|id| {
        let mut state = service.shared.lock();
        state.draft(user, id).map(|deposit| deposit.id)
    });
    let id = match writable {
        Ok(id) => id,
        Err(refused) => return refuse(exchange, refused).await,
    };
    let length = exchange.declared().filter(|_| !exchange.is_chunked());
    let Some(length) = length else {
        exchange.violation("an upload without `content-length`");
        return refuse(exchange, Refused::plain(411, "Length Required")).await;
    };
    if length > OLD_LIMIT as u64 {
        exchange.drain().await?;
        return Ok(Ok(too_large()));
    }
    if exchange.media_type() != "multipart/form-data" {
        exchange.violation("an upload that is not `multipart/form-data`");
        return refuse(exchange, Refused::plain(415, "Unsupported media type.")).await;
    }
    let body = exchange.all(OLD_LIMIT).await?;
    let file = match form(exchange, &body) {
        Ok(file) => file,
        Err(rule) => {
            exchange.violation(format!("a form that is not documented: {rule}"));
            return Ok(Err(Refused::plain(400, &rule)));
        }
    };
    let state = &mut *service.shared.lock();
    let view = state.view.clone();
    Ok(state.draft(user, id).and_then(|deposit| {
        if deposit.file(&file.name).is_some() {
            return Err(Refused::plain(400, "Filename already exists."));
        }
        let shown = deposit.show_file(&file, &view);
        deposit.store(file);
        Ok(json(201, &shown))
    }))
}

/// The web server before the service refuses in its own words.
fn too_large() -> Answer {
    let page = "<html><head><title>413 Request Entity Too Large</title></head></html>";
    exchange::bytes(413, "text/html", Bytes::from_static(page.as_bytes()))
}

fn form(exchange: &Exchange, body: &Bytes) -> Result<StoredFile, String> {
    let content_type = exchange.header("content-type").unwrap_or("");
    let (mut name, mut file) = (None, None);
    for part in multipart::parts(content_type, body)? {
        match part.name.as_str() {
            "name" if name.is_none() && part.filename.is_none() => {
                let text = std::str::from_utf8(&part.content).map(str::to_owned);
                name = Some(text.map_err(|_| "a name that is not text")?);
            }
            "file" if file.is_none() && part.filename.is_some() => file = Some(part.content),
            other => return Err(format!("unexpected part `{other}`")),
        }
    }
    let name = secure(&name.ok_or("no part `name`")?);
    let content = file.ok_or("no part `file`")?;
    if name.is_empty() {
        return Err("a name without any usable character".into());
    }
    Ok(StoredFile::new(name, Content::of(&content)))
}

/// The old API's idea of a harmless name: folders and spaces become `_`, what
/// is not ASCII is lost.
fn secure(name: &str) -> String {
    let spaced = name.replace(['/', '\\'], " ");
    let joined = spaced.split_whitespace().collect::<Vec<_>>().join("_");
    let harmless = |c: &char| c.is_ascii_alphanumeric() || "_.-".contains(*c);
    let plain: String = joined.chars().filter(harmless).collect();
    plain.trim_matches(['.', '_']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_old_api_flattens_names() {
        let cases = [
            ("a.txt", "a.txt"),
            ("sub/a b.txt", "sub_a_b.txt"),
            ("../../etc/passwd", "etc_passwd"),
            ("bär.txt", "br.txt"),
            ("..", ""),
        ];
        for (name, secured) in cases {
            assert_eq!(secure(name), secured, "{name}");
        }
    }
}
