//! The examples of the READMEs, run as they stand against a real server.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use diesel::prelude::*;
use motcua::schema::installation;
use motcua::staff::demo;
use uuid::Uuid;

use crate::support::app::TestApp;

const MARK: &str = "<!-- run -->";
const ADDRESS: &str = "http://127.0.0.1:8080";
/// Parts the outputs of the examples.
const CUT: &str = "=== line ";

/// An example: its line, what is typed, and what its `#>` lines say that it prints.
struct Example {
    line: usize,
    script: String,
    prints: Vec<String>,
}

/// Reads ```` ```sh ```` blocks after the mark; a line `#> text` in one says that the output holds `text`.
fn examples(text: &str) -> Vec<Example> {
    let mut found = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((line, _)) = lines.by_ref().find(|(_, text)| *text == MARK) {
        assert_eq!(lines.next().unwrap().1, "```sh", "line {line}: a mark stands before a block");
        let block: Vec<&str> = lines.by_ref().map(|(_, text)| text).take_while(|text| *text != "```").collect();
        let prints = block.iter().filter_map(|text| text.strip_prefix("#> ")).map(str::to_owned).collect();
        found.push(Example { line: line + 1, script: block.join("\n"), prints });
    }
    found
}

/// Runs all examples in one shell, as a reader would: what one sets, the next can use.
async fn run(file: &str) {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    let examples = examples(&text);
    assert!(examples.len() >= 8, "{file} has only {} examples", examples.len());
    let app = TestApp::at("2026-10-05 09:00").await;
    let dir = tempfile::tempdir().unwrap();
    make_demo_accounts(&app, dir.path());
    let blocks: String =
        examples.iter().map(|one| format!("echo; echo '{CUT}{}'\n{}\n", one.line, one.script)).collect();
    // Any answer that is not 2xx ends the shell.
    let start = "set -euo pipefail\ncurl() { command curl --noproxy '*' --fail-with-body \"$@\"; }\n";
    // The office's clock stands, and codes go by it.
    let now = app.state.clock.now().timestamp();
    let script = format!("{start}date() {{ echo {now}; }}\n{}", blocks.replace(ADDRESS, app.address()));
    let shell = move || Command::new("bash").args(["-c", &script]).current_dir(dir.path()).output().unwrap();
    let output = tokio::task::spawn_blocking(shell).await.unwrap();
    let (printed, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{file}: the last example failed\n{printed}\n{err}");
    let printed: BTreeMap<&str, &str> = printed.split(CUT).filter_map(|part| part.split_once('\n')).collect();
    for Example { line, prints, .. } in &examples {
        let shown = printed[line.to_string().as_str()];
        for expected in prints {
            assert!(shown.contains(expected), "{file}, line {line}: no {expected} in {shown}");
        }
    }
}

/// Makes what `motcua serve --demo` makes: the accounts, and the file of their passwords.
fn make_demo_accounts(app: &TestApp, dir: &Path) {
    let (now, row) = (app.state.clock.now(), installation::table);
    diesel::insert_into(row)
        .values((installation::id.eq(Uuid::now_v7()), installation::kind.eq("demo"), installation::made_at.eq(now)))
        .on_conflict_do_nothing()
        .execute(&mut app.db.connect())
        .unwrap();
    std::fs::create_dir(dir.join("data")).unwrap();
    demo::make_accounts(&app.state, now, &dir.join("data/demo-accounts.json")).unwrap();
}

#[actix_web::test]
async fn the_examples_of_the_english_readme_work_as_they_stand() {
    run("README.md").await;
}

#[actix_web::test]
async fn the_examples_of_the_vietnamese_readme_work_as_they_stand() {
    run("README.vi.md").await;
}

#[test]
fn every_marked_example_is_found() {
    let text = "a\n<!-- run -->\n```sh\ncurl x\n#> \"ok\"\n```\n```sh\nnot this\n```\n";
    let found = examples(text);
    assert_eq!((found.len(), found[0].line), (1, 2));
    assert_eq!(found[0].prints, ["\"ok\""]);
}
