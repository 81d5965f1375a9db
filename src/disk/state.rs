//! What the last build leaves for the next one, in the book's `.fieldbook` folder: if nothing has
//! changed, neither the inputs nor the site, then what that build had to say is all there is to do.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::listing::Stamp;
use super::open::open_file;
use super::{Layout, Root, site};
use crate::memo::Fingerprint;

/// The folder, below the root.
const FOLDER: &str = ".fieldbook";

/// The file in it.
const NAME: &str = "last-build";

const MAGIC: &[u8] = b"fieldbook last build 1\n";

/// After [`MAGIC`] and the fingerprint of what follows, in postcard.
#[derive(Serialize, Deserialize)]
struct Build<'b> {
    stamp: Stamp,
    /// The site that was published.
    site: Fingerprint,
    #[serde(borrow)]
    outcome: &'b [u8],
}

/// What the last build stored, if its inputs had this stamp and the output folder still holds
/// exactly the site that it published. What is damaged counts as nothing.
pub fn load(root: &Root, layout: &Layout, stamp: Stamp) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    open_file(&folder(root)?.join(NAME)).and_then(|mut file| file.read_to_end(&mut bytes)).ok()?;
    let (sum, payload) = bytes.strip_prefix(MAGIC)?.split_at_checked(16)?;
    if Fingerprint::of_bytes(payload).0 != *sum {
        return None;
    }
    let build: Build<'_> = postcard::from_bytes(payload).ok()?;
    (build.stamp == stamp && site::is_intact(root, layout, build.site)).then(|| build.outcome.to_owned())
}

/// Stores `outcome`, what a build had to say that has published `site` ([`Written::site`]), for
/// [`load`]. Nothing depends on it: an error is worth no more than a word.
///
/// [`Written::site`]: super::Written::site
pub fn store(root: &Root, stamp: Stamp, site: Fingerprint, outcome: &[u8]) -> io::Result<()> {
    // An error here, such as that it is there already, shows in what follows.
    let _ = fs::create_dir(root.dir.join(FOLDER));
    let Some(folder) = folder(root) else {
        return Err(io::Error::new(io::ErrorKind::NotADirectory, format!("`{FOLDER}` is not a folder")));
    };
    // The state is this machine's: git shall not see it.
    if let Ok(mut ignore) = File::create_new(folder.join(".gitignore")) {
        ignore.write_all(b"*\n")?;
    }
    let payload = postcard::to_stdvec(&Build { stamp, site, outcome }).map_err(io::Error::other)?;
    let unfinished = folder.join(format!("{NAME}.new"));
    // Left by a build that was killed.
    let _ = fs::remove_file(&unfinished);
    let sum = Fingerprint::of_bytes(&payload);
    File::create_new(&unfinished)?.write_all(&[MAGIC, &sum.0, &payload].concat())?;
    fs::rename(&unfinished, folder.join(NAME))
}

/// The state's folder, unless a symbolic link has its name.
fn folder(root: &Root) -> Option<PathBuf> {
    let folder = root.dir.join(FOLDER);
    fs::symlink_metadata(&folder).ok().filter(fs::Metadata::is_dir).map(|_| folder)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::path::Path;
    use std::time::{Duration, SystemTime};

    use super::super::{Content, Output, publish};
    use super::*;

    fn book() -> (tempfile::TempDir, Root, Layout) {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("content")).unwrap();
        let root = Root { dir: dir.path().to_owned() };
        (dir, root, Layout { content: "content".into(), theme: None, output: "site".into() })
    }

    fn publish_page(root: &Root, layout: &Layout, text: &str) -> Fingerprint {
        let fingerprint = Fingerprint::of(text);
        let output = Output { route: "index.html", fingerprint, content: Content::Render(0) };
        publish(root, layout, &[output], |_| (), |_| Ok::<_, Infallible>(text.into())).unwrap().site
    }

    #[test]
    fn an_outcome_holds_while_stamp_and_site_are_the_same() {
        let (dir, root, layout) = book();
        let stamp = |text: &str| Stamp(Fingerprint::of(text));
        assert_eq!(load(&root, &layout, stamp("1")), None);
        store(&root, stamp("1"), Fingerprint::of("no site"), b"nothing is published").unwrap();
        assert_eq!(load(&root, &layout, stamp("1")), None);
        let site = publish_page(&root, &layout, "one");
        assert_eq!(load(&root, &layout, stamp("1")), None);
        store(&root, stamp("1"), site, b"outcome").unwrap();
        assert_eq!(load(&root, &layout, stamp("1")).as_deref(), Some(b"outcome".as_slice()));
        assert_eq!(load(&root, &layout, stamp("2")), None);
        assert_eq!(fs::read_to_string(dir.path().join(".fieldbook/.gitignore")).unwrap(), "*\n");
        assert_eq!(fs::read_dir(dir.path().join(".fieldbook")).unwrap().count(), 2);

        let page = dir.path().join("site/index.html");
        let file = File::options().append(true).open(&page).unwrap();
        file.set_modified(SystemTime::now() + Duration::from_secs(60)).unwrap();
        assert_eq!(load(&root, &layout, stamp("1")), None);
        publish_page(&root, &layout, "one");
        assert!(load(&root, &layout, stamp("1")).is_some());
        publish_page(&root, &layout, "two");
        assert_eq!(load(&root, &layout, stamp("1")), None);
        publish_page(&root, &layout, "one");
        fs::remove_file(page).unwrap();
        assert_eq!(load(&root, &layout, stamp("1")), None);
    }

    #[test]
    fn a_damaged_or_foreign_state_counts_as_nothing() {
        let (dir, root, layout) = book();
        let site = publish_page(&root, &layout, "one");
        let stamp = Stamp(Fingerprint::of("1"));
        store(&root, stamp, site, b"outcome").unwrap();
        let path = dir.path().join(".fieldbook/last-build");
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            fs::write(&path, &bytes).unwrap();
            assert_eq!(load(&root, &layout, stamp), None, "{at}");
            fs::write(&path, &whole[..at]).unwrap();
            assert_eq!(load(&root, &layout, stamp), None, "cut at {at}");
        }
        fs::write(&path, &whole).unwrap();
        assert!(load(&root, &layout, stamp).is_some());
    }

    #[test]
    fn a_symbolic_link_in_the_states_place_is_not_followed() {
        let (dir, root, layout) = book();
        let site = publish_page(&root, &layout, "one");
        let outside = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(outside.path(), dir.path().join(FOLDER)).unwrap();
        assert!(store(&root, Stamp(Fingerprint::default()), site, b"outcome").is_err());
        let is_empty = |path: &Path| fs::read_dir(path).unwrap().next().is_none();
        assert!(is_empty(outside.path()));
    }
}
