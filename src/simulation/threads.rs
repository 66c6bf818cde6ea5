//! Work that is shared out over threads: a replay's lives, and the dossiers that are copied.

use crate::error::AppError;

/// How many work side by side.
pub const THREADS: usize = 2;

/// Does the shares at the same time, a thread each, and waits for all of them.
///
/// # Errors
/// What the first share of those that failed met; a thread that panicked has failed too.
pub fn side_by_side<S, E>(
    shares: impl IntoIterator<Item = S>,
    work: impl Fn(S) -> Result<(), E> + Sync,
) -> Result<(), E>
where
    S: Send,
    E: From<AppError> + Send,
{
    let work = &work;
    std::thread::scope(|scope| {
        let threads: Vec<_> = shares.into_iter().map(|share| scope.spawn(move || work(share))).collect();
        let ended = threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err(AppError::internal("a thread panicked").into())));
        // All are waited for, also when the first one failed.
        ended.collect::<Vec<_>>().into_iter().collect()
    })
}
