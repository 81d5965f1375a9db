//! Work on both cores: the only door to rayon. Results keep the order of their inputs, so
//! nothing downstream can depend on how threads were scheduled.

use rayon::prelude::*;

/// Applies `f` to each item on all cores; the results are in the items' order.
pub fn map<I: Sync, O: Send>(items: &[I], f: impl Fn(&I) -> O + Sync + Send) -> Vec<O> {
    items.par_iter().map(f).collect()
}

/// Applies `f` to each item on all cores and stops early, at the latest when each core has
/// finished its current item, once one has failed. The error given is the one of the first
/// failing item among those that were tried.
pub fn try_for_each<I: Sync, E: Send>(items: &[I], f: impl Fn(&I) -> Result<(), E> + Sync + Send) -> Result<(), E> {
    items.par_iter().try_for_each(f)
}

/// Runs both at once.
pub fn join<A: Send, B: Send>(a: impl FnOnce() -> A + Send, b: impl FnOnce() -> B + Send) -> (A, B) {
    rayon::join(a, b)
}
