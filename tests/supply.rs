//! What the program is made of: the licences, sources and versions of its dependencies, by deny.toml.
#![allow(clippy::disallowed_methods)] // Tests may touch the disk and run commands.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// The only place that a dependency may come from.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

fn rules() -> toml::Table {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("deny.toml");
    fs::read_to_string(file).unwrap().parse().unwrap()
}

/// The packages that Cargo.lock names, as `cargo metadata` tells them; not the program itself.
fn packages() -> Vec<Value> {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--format-version", "1", "--manifest-path"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"))
        .output()
        .unwrap();
    assert!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let packages: Vec<Value> =
        metadata["packages"].as_array().unwrap().iter().filter(|p| p["name"] != "fieldbook").cloned().collect();
    assert!(packages.len() > 50, "{} packages", packages.len());
    packages
}

fn named(package: &Value) -> String {
    format!("{} {}", package["name"].as_str().unwrap(), package["version"].as_str().unwrap())
}

/// Whether an SPDX expression can be met with these licences alone: `AND` binds before `OR`, `WITH`
/// names an exception, which only adds to what is allowed, and crates of old write `/` for `OR`.
/// <https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/>
fn allows(allowed: &BTreeSet<&str>, expression: &str) -> bool {
    fn either<'e>(words: &mut std::iter::Peekable<impl Iterator<Item = &'e str>>, allowed: &BTreeSet<&str>) -> bool {
        let mut met = both(words, allowed);
        while words.next_if(|word| matches!(*word, "OR" | "/")).is_some() {
            met |= both(words, allowed);
        }
        met
    }
    fn both<'e>(words: &mut std::iter::Peekable<impl Iterator<Item = &'e str>>, allowed: &BTreeSet<&str>) -> bool {
        let mut met = one(words, allowed);
        while words.next_if_eq(&"AND").is_some() {
            met &= one(words, allowed);
        }
        met
    }
    fn one<'e>(words: &mut std::iter::Peekable<impl Iterator<Item = &'e str>>, allowed: &BTreeSet<&str>) -> bool {
        let met = match words.next() {
            Some("(") => {
                let met = either(words, allowed);
                assert_eq!(words.next(), Some(")"));
                met
            }
            word => allowed.contains(word.expect("a licence")),
        };
        if words.next_if_eq(&"WITH").is_some() {
            words.next().expect("an exception");
        }
        met
    }
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " / ");
    let mut words = spaced.split_whitespace().peekable();
    let met = either(&mut words, allowed);
    assert_eq!(words.next(), None, "{expression}");
    met
}

#[test]
fn expressions_of_licences_are_read_as_they_are_meant() {
    let allowed = BTreeSet::from(["MIT", "Apache-2.0", "Unicode-3.0"]);
    for (expression, met) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("GPL-3.0 OR MIT", true),
        ("Unlicense/MIT", true),
        ("(MIT OR GPL-3.0) AND Unicode-3.0", true),
        ("MIT AND GPL-3.0", false),
        ("MIT AND GPL-3.0 OR Apache-2.0", true),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("GPL-2.0 WITH Classpath-exception-2.0 OR LGPL-3.0", false),
    ] {
        assert_eq!(allows(&allowed, expression), met, "{expression}");
    }
}

#[test]
fn every_dependency_has_a_licence_that_is_allowed() {
    let rules = rules();
    let allowed = rules["licenses"]["allow"].as_array().unwrap();
    let allowed: BTreeSet<&str> = allowed.iter().map(|licence| licence.as_str().unwrap()).collect();
    let refused: Vec<String> = packages()
        .iter()
        .filter(|package| !package["license"].as_str().is_some_and(|licence| allows(&allowed, licence)))
        .map(|package| format!("{}: {}", named(package), package["license"]))
        .collect();
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[test]
fn every_dependency_comes_from_the_registry_and_none_is_banned() {
    let rules = rules();
    assert_eq!(rules["sources"]["unknown-registry"].as_str(), Some("deny"));
    assert_eq!(rules["sources"]["unknown-git"].as_str(), Some("deny"));
    let banned = rules["bans"]["deny"].as_array().unwrap();
    for package in packages() {
        assert_eq!(package["source"], REGISTRY, "{}", named(&package));
        assert!(!banned.iter().any(|ban| ban["crate"].as_str() == package["name"].as_str()), "{}", named(&package));
    }
}

#[test]
fn a_dependency_has_one_version_unless_deny_toml_says_why_not() {
    let rules = rules();
    let skipped = rules["bans"]["skip"].as_array().unwrap();
    let skipped: Vec<(&str, &str)> =
        skipped.iter().map(|skip| skip["crate"].as_str().unwrap().split_once('@').unwrap()).collect();
    let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in packages() {
        let (name, version) = (package["name"].as_str().unwrap(), package["version"].as_str().unwrap());
        if !skipped.iter().any(|(skip, of)| *skip == name && format!("{version}.").starts_with(&format!("{of}."))) {
            versions.entry(name.to_owned()).or_default().push(version.to_owned());
        }
    }
    versions.retain(|_, versions| versions.len() > 1);
    assert!(versions.is_empty(), "{versions:?}");
}
