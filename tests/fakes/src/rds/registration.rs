//! What the token storage makes of a registration. It tries an OAuth2
//! service, then one with a login, and the fields decide, not the tag.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// A service as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// Its name, in lower case.
    pub name: String,
    /// `OAuth2Service` or `LoginService`.
    pub kind: &'static str,
    /// Its fields with their defaults.
    pub data: Value,
    /// The body of the registration.
    pub sent: Value,
}

/// Every field of the contract; another is undocumented.
const FIELDS: [&str; 17] = [
    "servicename",
    "implements",
    "fileTransferMode",
    "fileTransferArchive",
    "description",
    "icon",
    "infoUrl",
    "helpUrl",
    "displayName",
    "metadataProfile",
    "projectLinkTemplate",
    "authorize_url",
    "refresh_url",
    "client_id",
    "client_secret",
    "credentials",
    "loginMode",
];

const OAUTH: [&str; 4] = ["authorize_url", "refresh_url", "client_id", "client_secret"];

/// The service in a body, or why the storage fails on it.
pub(crate) fn read(body: &Value) -> Result<Service, String> {
    let object = body.as_object().ok_or("not an object")?;
    let tag = object.get("type").and_then(Value::as_str);
    let tagged = tag.is_some_and(|tag| tag.ends_with("Service"));
    let fields = match object.get("data").and_then(Value::as_object) {
        Some(data) if tagged => data,
        _ => object,
    };
    let name = fields.get("servicename").and_then(Value::as_str);
    let name = name.ok_or("servicename is missing")?.to_lowercase();
    let mut data = common(fields, tagged)?;
    data["servicename"] = json!(name);
    let kind = if is_oauth(fields) {
        for field in OAUTH {
            data[field] = json!(fields[field].as_str().unwrap_or("").trim_end_matches('/'));
        }
        "OAuth2Service"
    } else {
        let both = json!({"userId": true, "password": true});
        data["credentials"] = fields.get("credentials").cloned().unwrap_or(both);
        "LoginService"
    };
    Ok(Service {
        name,
        kind,
        data,
        sent: body.clone(),
    })
}

fn is_oauth(fields: &Map<String, Value>) -> bool {
    let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or("");
    let has_scheme = |name: &str| text(name).contains("://");
    OAUTH.iter().all(|name| !text(name).is_empty())
        && has_scheme("authorize_url")
        && has_scheme("refresh_url")
}

fn common(fields: &Map<String, Value>, tagged: bool) -> Result<Value, String> {
    let default = |name: &str, default: Value| fields.get(name).cloned().unwrap_or(default);
    let implements = match fields.get("implements") {
        None if tagged => return Err("implements is missing".into()),
        None => json!(["metadata"]),
        Some(value) => {
            let known = ["fileStorage", "metadata"];
            let is_known = |item: &Value| item.as_str().is_some_and(|item| known.contains(&item));
            let fits = value
                .as_array()
                .is_some_and(|items| (1..=2).contains(&items.len()) && items.iter().all(is_known));
            if !fits {
                return Err(format!("implements: {value}"));
            }
            value.clone()
        }
    };
    let mode = default("fileTransferMode", json!(0));
    if mode.as_u64().is_none_or(|mode| mode > 2) {
        return Err(format!("{mode} is not a valid FileTransferMode"));
    }
    let archive = default("fileTransferArchive", json!(0));
    if archive.as_u64().is_none_or(|archive| archive > 1) {
        return Err(format!("{archive} is not a valid FileTransferArchive"));
    }
    let icon = default("icon", Value::Null);
    if !icon.is_null() && !icon.as_str().is_some_and(is_data_url) {
        return Err("icon is not a data URL".into());
    }
    let description = default("description", json!({"en": ""}));
    if !description.is_object() && !description.is_string() {
        return Err("description is neither text nor an object".into());
    }
    Ok(json!({
        "implements": implements,
        "fileTransferMode": mode,
        "fileTransferArchive": archive,
        "icon": icon,
        "description": description,
        "infoUrl": default("infoUrl", json!("")),
        "helpUrl": default("helpUrl", json!("")),
        "displayName": default("displayName", json!("")),
        "metadataProfile": default("metadataProfile", Value::Null),
        "projectLinkTemplate": default("projectLinkTemplate", json!("")),
    }))
}

fn is_data_url(text: &str) -> bool {
    let parts = text
        .strip_prefix("data:")
        .and_then(|rest| rest.split_once(";base64,"));
    parts.is_some_and(|(mime, data)| mime.contains('/') && STANDARD.decode(data).is_ok())
}

/// What a connector must never send, whatever the storage makes of it.
pub(crate) fn violation(body: &Value) -> Option<String> {
    let object = body.as_object()?;
    let fields = object.get("data").and_then(Value::as_object);
    let fields = fields.unwrap_or(object);
    if let Some(name) = fields.keys().find(|name| !FIELDS.contains(&name.as_str())) {
        return Some(format!("undocumented field `{name}`"));
    }
    let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or("");
    let begun = OAUTH.iter().any(|name| fields.contains_key(*name));
    if begun && text("client_secret").is_empty() {
        return Some("an OAuth service with an empty secret".into());
    }
    if begun && fields.contains_key("credentials") {
        return Some("both OAuth and credentials".into());
    }
    let links = ["infoUrl", "helpUrl"];
    if let Some(name) = links.iter().find(|name| text(name).contains("://")) {
        return Some(format!("`{name}` is not percent-encoded"));
    }
    None
}
