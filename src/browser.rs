//! The reader's browser: the other subprocess beside git. It is started without a shell, and gets
//! an address that the program has made.
#![allow(clippy::disallowed_methods)]

use std::io;
use std::process::{Command, Stdio};
use std::thread;

/// What opens an address in the browser of whoever is logged in.
const OPENER: &str = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };

/// Opens an address, and does not wait for it.
pub fn open(url: &str) -> io::Result<()> {
    let quiet = Stdio::null;
    let mut child = Command::new(OPENER).arg(url).stdin(quiet()).stdout(quiet()).stderr(quiet()).spawn()?;
    // It ends when it likes; until somebody has asked how, the system keeps a place for it.
    thread::spawn(move || child.wait());
    Ok(())
}
