//! The `fieldbook` command.

use std::process::ExitCode;

/// A build makes and drops millions of small strings on two threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    fieldbook::cli::run()
}
