//! Rules of the house that a compiler does not know.

use std::path::{Path, PathBuf};

fn sources(dir: &str) -> Vec<(String, String)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    walk(&root.join(dir), &mut files);
    files
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(&root).unwrap().display().to_string();
            (name, std::fs::read_to_string(&path).unwrap())
        })
        .collect()
}

fn walk(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => walk(&path, files),
            false => files.extend(path.extension().is_some_and(|kind| kind == "rs").then_some(path)),
        }
    }
}

#[test]
fn the_domain_reaches_for_nothing_outside_itself() {
    for (name, text) in sources("src/domain") {
        for foreign in
            ["diesel", "actix", "reqwest", "lettre", "tokio", "crate::platform", "crate::http", "std::env", "std::fs"]
        {
            assert!(!text.contains(&format!("use {foreign}")), "{name} uses {foreign}");
        }
    }
}

#[test]
fn no_file_is_empty_and_every_module_says_what_it_is_for() {
    for (name, text) in sources("src").into_iter().filter(|(name, _)| !name.ends_with("schema.rs")) {
        assert!(text.starts_with("//! "), "{name} begins without saying what it is for");
    }
}

/// The later of two schemas of one name takes the place of the earlier in the contract.
#[test]
fn no_two_schemas_of_the_contract_share_a_name() {
    let mut names = Vec::new();
    for (_, text) in sources("src") {
        for part in text.split("ToSchema)]").skip(1) {
            let own = part.lines().take(6).find_map(|line| line.split("pub struct ").nth(1));
            let own = own.and_then(|rest| rest.split([' ', '<', '(', ';']).next()).unwrap_or_default();
            let given = part.split("pub struct").next().and_then(|head| head.split("as = ").nth(1));
            let given = given.and_then(|rest| rest.split([')', ',']).next());
            names.push(given.unwrap_or(own).to_owned());
        }
    }
    names.retain(|name| !name.is_empty());
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert!(count > 40);
    assert_eq!(names.len(), count);
}

#[test]
fn no_file_passes_four_hundred_lines() {
    let long: Vec<_> = sources("src")
        .into_iter()
        .filter(|(name, text)| !name.ends_with("schema.rs") && text.lines().count() > 400)
        .map(|(name, _)| name)
        .collect();
    assert_eq!(long, Vec::<String>::new());
}
