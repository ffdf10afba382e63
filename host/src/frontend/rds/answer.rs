//! Answers of the installation's other services, which may hold credentials:
//! bounded, and never quoted.

/// The body, unless it is larger than anything that could be meant.
pub(super) async fn read(
    mut answer: reqwest::Response,
    bytes_max: usize,
) -> Result<Option<Vec<u8>>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > bytes_max {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}
