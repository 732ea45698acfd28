//! The wish that running work should stop, and what is to happen at once when it comes.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

type Hook = dyn Fn() + Send + Sync;

/// A flag that asks running work to stop soon. Clones share the flag.
#[derive(Clone, Default)]
pub struct CancelToken(Arc<Shared>);

#[derive(Default)]
struct Shared {
    is_cancelled: AtomicBool,
    hooks: Mutex<Vec<Weak<Hook>>>,
}

/// Keeps what [`CancelToken::on_cancel`] was given; dropped, it is forgotten.
#[must_use]
pub struct OnCancel(#[expect(dead_code, reason = "held for its lifetime")] Arc<Hook>);

impl CancelToken {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn cancel(&self) {
        self.0.is_cancelled.store(true, Ordering::SeqCst);
        let hooks = std::mem::take(&mut *self.0.hooks.lock());
        for hook in hooks.iter().filter_map(Weak::upgrade) {
            hook();
        }
    }

    pub fn is_cancelled(&self) -> bool {
        self.0.is_cancelled.load(Ordering::Relaxed)
    }

    /// Calls `hook` when the token is cancelled, on the thread that does it; at once where it is
    /// already. It may be called twice. For work that cannot look at the flag by itself.
    pub fn on_cancel(&self, hook: impl Fn() + Send + Sync + 'static) -> OnCancel {
        let hook: Arc<Hook> = Arc::new(hook);
        {
            let mut hooks = self.0.hooks.lock();
            hooks.retain(|hook| hook.strong_count() > 0);
            hooks.push(Arc::downgrade(&hook));
        }
        if self.0.is_cancelled.load(Ordering::SeqCst) {
            hook();
        }
        OnCancel(hook)
    }
}

impl fmt::Debug for CancelToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CancelToken")
            .field(&self.is_cancelled())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    #[test]
    fn what_waits_for_a_cancel_is_called_once_it_comes_and_not_after_it_was_dropped() {
        let token = CancelToken::new();
        let calls = Arc::new(AtomicUsize::new(0));
        let counting = |calls: &Arc<AtomicUsize>| {
            let calls = Arc::clone(calls);
            move || {
                calls.fetch_add(1, Ordering::SeqCst);
            }
        };
        drop(token.on_cancel(counting(&calls)));
        let _kept = token.on_cancel(counting(&calls));
        assert_eq!(calls.load(Ordering::SeqCst), 0);
        token.clone().cancel();
        assert_eq!(calls.load(Ordering::SeqCst), 1);
        assert!(token.is_cancelled());
        // Too late to wait for.
        let _late = token.on_cancel(counting(&calls));
        assert_eq!(calls.load(Ordering::SeqCst), 2);
    }
}
