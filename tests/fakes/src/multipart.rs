//! `multipart/form-data`, read strictly.

use bytes::Bytes;

/// One part of a form.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) filename: Option<String>,
    pub(crate) content: Bytes,
}

/// The parts of a body; what is wrong with it otherwise.
pub(crate) fn parts(content_type: &str, body: &Bytes) -> Result<Vec<Part>, String> {
    let parameter = content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.trim().split_once('=')?;
        (name == "boundary").then(|| value.trim_matches('"'))
    });
    let boundary = parameter.filter(|boundary| (1..=70).contains(&boundary.len()));
    let boundary = boundary.ok_or("no boundary")?;
    let opening = format!("--{boundary}");
    let between = format!("\r\n--{boundary}");
    if !body.starts_with(opening.as_bytes()) {
        return Err("it does not begin with its boundary".into());
    }
    let mut rest = body.slice(opening.len()..);
    let mut parts = Vec::new();
    while !rest.starts_with(b"--") {
        if !rest.starts_with(b"\r\n") {
            return Err("a boundary without an end of line".into());
        }
        let end = find(&rest, between.as_bytes()).ok_or("no closing boundary")?;
        parts.push(part(&rest.slice(2..end.max(2)))?);
        rest = rest.slice(end + between.len()..);
    }
    match &rest[2..] {
        b"" | b"\r\n" => Ok(parts),
        _ => Err("something follows the closing boundary".into()),
    }
}

fn part(bytes: &Bytes) -> Result<Part, String> {
    let end = find(bytes, b"\r\n\r\n").ok_or("a part without a head")?;
    let head = std::str::from_utf8(&bytes[..end]).map_err(|_| "a head that is not text")?;
    let disposition = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let named = name.eq_ignore_ascii_case("content-disposition");
        named.then(|| value.trim())
    });
    let disposition = disposition.ok_or("a part without a disposition")?;
    let parameters = disposition.strip_prefix("form-data;");
    let parameters = parameters.ok_or("a part that is not form data")?;
    let name = quoted(parameters, "name").ok_or("a part without a name")?;
    Ok(Part {
        name,
        filename: quoted(parameters, "filename"),
        content: bytes.slice(end + 4..),
    })
}

/// A quoted parameter, with `\"`, `\\` and the `%22` of browsers undone.
fn quoted(parameters: &str, wanted: &str) -> Option<String> {
    let mut rest = parameters.trim_start();
    loop {
        let (name, value) = rest.split_once("=\"")?;
        let mut text = String::new();
        let mut characters = value.char_indices();
        let end = loop {
            match characters.next()? {
                (at, '"') => break at,
                (_, '\\') => text.push(characters.next()?.1),
                (_, other) => text.push(other),
            }
        };
        if name.trim() == wanted {
            return Some(text.replace("%22", "\""));
        }
        rest = value[end + 1..].trim_start().strip_prefix(';')?;
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut from = 0;
    // By the first byte, so that a hundred megabytes are read quickly.
    while let Some(at) = haystack[from..].iter().position(|byte| *byte == first) {
        if haystack[from + at..].starts_with(needle) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Vec<Part>, String> {
        let body = Bytes::copy_from_slice(body.as_bytes());
        parts("multipart/form-data; boundary=XX", &body)
    }

    #[test]
    fn names_filenames_and_contents_are_read() {
        let body = "--XX\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\na.txt\r\n\
            --XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"q\\\"%22.txt\"\r\n\
            Content-Type: text/plain\r\n\r\none\r\n--X\r\n\r\n--XX--\r\n";
        let read = read(body).expect("parts");
        assert_eq!(
            (read[0].name.as_str(), &read[0].content[..]),
            ("name", &b"a.txt"[..])
        );
        assert_eq!(read[0].filename, None);
        assert_eq!(read[1].filename.as_deref(), Some("q\"\".txt"));
        assert_eq!(&read[1].content[..], b"one\r\n--X\r\n");
    }

    #[test]
    fn an_empty_content_is_a_content() {
        let body = "--XX\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n\r\n--XX--";
        assert_eq!(read(body).expect("parts")[0].content, Bytes::new());
    }

    #[test]
    fn a_broken_body_is_refused() {
        let head = "Content-Disposition: form-data; name=\"f\"\r\n\r\n";
        let broken = [
            "".to_owned(),
            format!("\r\n--XX\r\n{head}x\r\n--XX--"),
            format!("--XX\r\n{head}x\r\n--XX"),
            format!("--XX\r\n{head}x"),
            format!("--XX\r\n{head}x\r\n--XX--more"),
            "--XX\r\nContent-Type: text/plain\r\n\r\nx\r\n--XX--".to_owned(),
            "--XX\r\nContent-Disposition: form-data; filename=\"f\"\r\n\r\nx\r\n--XX--".to_owned(),
            "--XX\r\nContent-Disposition: attachment; name=\"f\"\r\n\r\nx\r\n--XX--".to_owned(),
        ];
        for body in broken {
            assert!(read(&body).is_err(), "{body}");
        }
        assert!(parts("multipart/form-data", &Bytes::from_static(b"--XX--")).is_err());
    }
}
