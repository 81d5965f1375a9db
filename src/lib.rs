//! fieldbook
#![warn(missing_docs)]
pub mod date;
pub mod diagnostic;
pub mod disk;
pub mod history;
pub mod memo;
pub mod parallel;
pub mod path;
pub mod source;
pub mod text;
