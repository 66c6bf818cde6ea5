//! How a provider is asked: encrypted, without redirects, within time, and never for more than it may say.

use std::time::Duration;

use openidconnect::{HttpRequest, HttpResponse};
use reqwest::{Client, Request, Response, Url, redirect};

/// The longest answer; more is no answer of a provider.
const LONGEST_ANSWER: usize = 1 << 20;
const CONNECT_WITHIN: Duration = Duration::from_secs(3);
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Asks a provider.
#[derive(Debug, Clone)]
pub(super) struct Http(Client);

/// No answer of the provider.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpFault {
    /// Neither encrypted nor on this machine.
    #[error("{0} is asked by https alone")]
    Unencrypted(String),
    /// It is longer than anything sensible.
    #[error("the answer is longer than {LONGEST_ANSWER} bytes")]
    TooLong,
    /// There is none.
    #[error("no answer")]
    Failed(#[from] reqwest::Error),
    /// It can't be passed on.
    #[error("no HTTP answer")]
    NoHttp(#[from] openidconnect::http::Error),
}

impl Http {
    /// Makes the client for a provider.
    pub(super) fn new(issuer: &Url) -> Result<Self, HttpFault> {
        check(issuer)?;
        crate::platform::tls::install();
        let mut builder = Client::builder()
            .user_agent("motcua")
            .no_proxy()
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT_WITHIN)
            .timeout(ANSWER_WITHIN);
        if issuer.scheme() == "http" {
            // No certificate will be met, so none needs to be installed.
            builder = builder.tls_certs_only([]);
        }
        Ok(Self(builder.build()?))
    }

    /// Asks once.
    pub(super) async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpFault> {
        let request = Request::try_from(request)?;
        // Not only the issuer: what it publishes names further addresses.
        check(request.url())?;
        let mut response = self.0.execute(request).await?;
        let mut answer = openidconnect::http::Response::builder().status(response.status());
        for (name, value) in response.headers() {
            answer = answer.header(name, value);
        }
        Ok(answer.body(read(&mut response).await?)?)
    }
}

async fn read(response: &mut Response) -> Result<Vec<u8>, HttpFault> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if bytes.len() + chunk.len() > LONGEST_ANSWER {
            return Err(HttpFault::TooLong);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Codes, secrets and tokens travel encrypted, or not beyond this machine.
fn check(url: &Url) -> Result<(), HttpFault> {
    let host = url.host_str().unwrap_or_default();
    let is_here = matches!(host, "127.0.0.1" | "[::1]" | "localhost");
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_here => Ok(()),
        _ => Err(HttpFault::Unencrypted(host.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_asked_by_https_or_on_this_machine() {
        let is_fine = |url: &str| check(&Url::parse(url).unwrap()).is_ok();
        assert!(is_fine("https://id.example.vn") && is_fine("http://127.0.0.1:4000") && is_fine("http://[::1]:1"));
        for url in ["http://id.example.vn", "http://127.0.0.1.example.vn", "ftp://localhost", "http://10.0.0.1"] {
            assert!(!is_fine(url), "{url}");
        }
    }
}
