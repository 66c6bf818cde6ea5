//! What an operator sees.

use crate::support::app::TestApp;

async fn metrics(app: &TestApp) -> String {
    app.send(app.http.get(format!("{}/metrics", app.address()))).await.expect(200).text
}

#[actix_web::test]
async fn requests_are_counted_under_their_route_and_no_address_shows() {
    let app = TestApp::at("2026-10-05 09:00").await;
    for code in ["H21.16-261005-0001", "H21.16-261005-0002"] {
        app.send(app.http.get(app.url(&format!("/public/dossiers/{code}")))).await.expect(404);
    }
    let text = metrics(&app).await;
    let route = "method=\"GET\",route=\"/api/v1/public/dossiers/{code}\"";
    assert!(text.contains(&format!("motcua_http_requests_total{{{route},status=\"404\"}} 2\n")), "{text}");
    assert!(text.contains(&format!("motcua_http_request_seconds_count{{{route}}} 2\n")), "{text}");
    assert!(!text.contains("261005"), "{text}");
}

#[actix_web::test]
async fn what_nobody_serves_is_counted_without_its_name() {
    let app = TestApp::at("2026-10-05 09:00").await;
    let brew = reqwest::Method::from_bytes(b"BREW").unwrap();
    app.send(app.http.request(brew, format!("{}/coffee/0905123456", app.address()))).await.expect(404);
    let text = metrics(&app).await;
    assert!(text.contains("{method=\"other\",route=\"none\",status=\"404\"} 1\n"), "{text}");
    assert!(!text.contains("0905123456") && !text.contains("BREW"), "{text}");
}
