//! A browser, as far as logging in needs one: cookies, redirects, forms.

use std::collections::BTreeMap;

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, RequestBuilder, Url, redirect};

/// Where the provider sends browsers back; nobody listens there.
pub const BACK: &str = "http://127.0.0.1:1/back";

/// What the browser is sent back with.
#[derive(Debug, Clone)]
pub struct Back {
    pub code: String,
    pub state: String,
}

/// Goes where it is sent, logs in as `user` and consents.
pub async fn log_in(authorization_url: &str, user: &str) -> Back {
    let client = Client::builder().no_proxy().tls_certs_only([]).redirect(redirect::Policy::none()).build().unwrap();
    let mut cookies = BTreeMap::new();
    let mut at = Url::parse(authorization_url).unwrap();
    let mut form: Option<String> = None;
    for _ in 0..20 {
        let request = match form.take() {
            Some(form) => {
                client.post(at.clone()).header("Content-Type", "application/x-www-form-urlencoded").body(form)
            }
            None => client.get(at.clone()),
        };
        let (location, page) = visit(request, &mut cookies).await;
        if let Some(location) = location {
            at = at.join(&location).unwrap();
            if at.as_str().starts_with(BACK) {
                return Back { code: parameter(&at, "code"), state: parameter(&at, "state") };
            }
            continue;
        }
        let (_, action) = page.split_once("action=\"").unwrap_or_else(|| panic!("no form: {page}"));
        at = at.join(action.split('"').next().unwrap()).unwrap();
        form = Some(match page.contains("name=\"login\"") {
            true => format!("prompt=login&login={user}&password=any"),
            false => "prompt=consent".to_owned(),
        });
    }
    panic!("the provider sends in circles: {at}");
}

/// Returns a parameter of an address.
pub fn parameter(url: &Url, name: &str) -> String {
    let found = url.query_pairs().find(|(key, _)| key == name);
    found.unwrap_or_else(|| panic!("no {name} in {url}")).1.into_owned()
}

async fn visit(request: RequestBuilder, cookies: &mut BTreeMap<String, String>) -> (Option<String>, String) {
    let sent: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let response = request.header(COOKIE, sent.join("; ")).send().await.unwrap();
    for set in response.headers().get_all(SET_COOKIE) {
        let (name, value) = set.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
        match value.is_empty() {
            true => drop(cookies.remove(name)),
            false => drop(cookies.insert(name.to_owned(), value.to_owned())),
        }
    }
    let location = response.headers().get(LOCATION).map(|to| to.to_str().unwrap().to_owned());
    (location, response.text().await.unwrap())
}
