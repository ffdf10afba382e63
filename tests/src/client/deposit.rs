//! The half of the contract that deposits, used as its callers use it: their
//! paths, their bodies, their form, and nothing that they do not send.

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use serde_json::{Value, json};

use super::{Answer, Caller, send};

const PROJECTS: &str = "/metadata/project";
const FORM: &str = "multipart/form-data; boundary=frontier";

impl Caller {
    /// A new project, without metadata, as the port service makes it.
    pub async fn create_project(&self) -> Answer {
        self.ask("POST", PROJECTS, &json!({ "userId": self.user }))
            .await
    }

    /// A project's metadata, all of it.
    pub async fn project(&self, id: &str) -> Answer {
        let body = json!({ "userId": self.user, "metadata": null });
        self.ask("GET", &project(id), &body).await
    }

    /// Sends an RO-Crate, as the metadata service does.
    pub async fn update_project(&self, id: &str, metadata: &Value) -> Answer {
        let body = json!({ "userId": self.user, "metadata": metadata });
        self.ask("PATCH", &project(id), &body).await
    }

    /// Publishes.
    pub async fn publish_project(&self, id: &str) -> Answer {
        self.ask("PUT", &project(id), &json!({ "userId": self.user }))
            .await
    }

    /// Deletes a project.
    pub async fn delete_project(&self, id: &str) -> Answer {
        self.ask("DELETE", &project(id), &json!({ "userId": self.user }))
            .await
    }

    /// Adds a file, as the exporter does.
    pub async fn add_file(&self, id: &str, name: &str, content: &[u8]) -> Answer {
        send(self.address, self.add_file_request(id, name, content)).await
    }

    /// The request that adds a file.
    pub fn add_file_request(&self, id: &str, name: &str, content: &[u8]) -> Request<Full<Bytes>> {
        let (before, after) = self.add_file_frame(name);
        let body = [before.as_bytes(), content, after.as_bytes()].concat();
        let caller = self.clone().with("content-type", FORM);
        let request = caller.request("POST", &format!("{}/files", project(id)), "");
        request.map(|_| Full::new(body.into()))
    }

    /// What stands before and after a file's bytes in the form.
    pub fn add_file_frame(&self, name: &str) -> (String, String) {
        let mut before = String::new();
        for (field, value) in [
            ("userId", self.user.as_str()),
            ("filename", name),
            ("username", "alice@cloud.example"),
        ] {
            before += &format!(
                "--frontier\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n"
            );
        }
        before += &format!(
            "--frontier\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        (before, "\r\n--frontier--\r\n".to_owned())
    }

    /// A project's files.
    pub async fn project_files(&self, id: &str) -> Answer {
        let path = format!("{}/files", project(id));
        self.ask("GET", &path, &json!({ "userId": self.user }))
            .await
    }

    async fn ask(&self, method: &str, path: &str, body: &Value) -> Answer {
        send(self.address, self.json(method, path, body)).await
    }
}

fn project(id: &str) -> String {
    format!("{PROJECTS}/{id}")
}
