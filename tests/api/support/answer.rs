//! An answer of the service, read whole.

use reqwest::Response;
use reqwest::header::HeaderMap;
use serde_json::Value;

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
    pub text: String,
    /// `null` for what is no JSON.
    pub body: Value,
}

impl Answer {
    pub async fn read(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.unwrap().to_vec();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Self { status, headers, bytes, text, body }
    }

    /// Expects a status, showing the whole answer when it is another.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// The code of a refusal.
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// A field that holds a text.
    #[track_caller]
    pub fn field(&self, name: &str) -> String {
        self.body[name].as_str().unwrap().to_owned()
    }

    /// The items of a list.
    #[track_caller]
    pub fn items(&self) -> &[Value] {
        self.body["items"].as_array().unwrap()
    }

    /// The codes of a list's items.
    #[track_caller]
    pub fn codes(&self) -> Vec<&str> {
        self.items().iter().map(|item| item["code"].as_str().unwrap()).collect()
    }

    /// The pointers and codes of all field faults.
    pub fn faults(&self) -> Vec<(&str, &str)> {
        let faults = self.body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        faults.iter().map(|fault| (fault["pointer"].as_str().unwrap(), fault["code"].as_str().unwrap())).collect()
    }

    /// The pointers of all field faults.
    pub fn pointers(&self) -> Vec<&str> {
        self.faults().into_iter().map(|(pointer, _)| pointer).collect()
    }
}
