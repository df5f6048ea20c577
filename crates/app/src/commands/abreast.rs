//! Several pieces of work at the same time, their results in the order of the pieces.

use futures_util::stream::{FuturesOrdered, Stream};
use tokio::sync::Semaphore;

/// Works on all items, at most as many at the same time as there are permits. A slow one holds back the results after it, not the work.
pub(crate) fn abreast<'a, T, F>(
    items: impl IntoIterator<Item = &'a T>,
    permits: &'a Semaphore,
    work: impl Fn(&'a T) -> F,
) -> impl Stream<Item = F::Output>
where
    T: 'a,
    F: Future + 'a,
{
    let pieces: FuturesOrdered<_> = items
        .into_iter()
        .map(|item| {
            let piece = work(item);
            async move {
                // The semaphore is never closed; without a permit the work would only be less orderly.
                let _permit = permits.acquire().await.ok();
                piece.await
            }
        })
        .collect();
    pieces
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::StreamExt as _;

    use super::*;

    #[tokio::test]
    async fn results_come_in_order_and_the_limit_holds() {
        let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let permits = Semaphore::new(3);
        let items: Vec<usize> = (0..20).collect();
        let results: Vec<usize> = abreast(&items, &permits, |item| {
            let (running, most) = (&running, &most);
            async move {
                let now = running.fetch_add(1, Ordering::SeqCst) + 1;
                most.fetch_max(now, Ordering::SeqCst);
                for _ in 0..(20 - item) {
                    tokio::task::yield_now().await;
                }
                running.fetch_sub(1, Ordering::SeqCst);
                *item
            }
        })
        .collect()
        .await;
        assert_eq!(results, items);
        assert_eq!(most.load(Ordering::SeqCst), 3);
    }
}
