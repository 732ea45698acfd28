//! A slot that holds the newest request only: what a slider sends faster than a worker can answer
//! is skipped.

use std::sync::Arc;

use parking_lot::{Condvar, Mutex};

/// A latest-wins slot between threads. Clones share the slot.
#[derive(Debug)]
pub struct Mailbox<T>(Arc<(Mutex<Slot<T>>, Condvar)>);

#[derive(Debug)]
struct Slot<T> {
    value: Option<T>,
    closed: bool,
}

impl<T> Clone for Mailbox<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for Mailbox<T> {
    fn default() -> Self {
        let slot = Slot {
            value: None,
            closed: false,
        };
        Self(Arc::new((Mutex::new(slot), Condvar::new())))
    }
}

impl<T> Mailbox<T> {
    /// Puts a request, replacing one that was not yet taken.
    pub fn put(&self, value: T) {
        let (slot, wake) = &*self.0;
        slot.lock().value = Some(value);
        wake.notify_one();
    }

    /// Changes the waiting request, or the absence of one, in place.
    pub fn update(&self, change: impl FnOnce(&mut Option<T>)) {
        let (slot, wake) = &*self.0;
        change(&mut slot.lock().value);
        wake.notify_one();
    }

    /// Waits for a request; `None` once the box is closed and empty.
    pub fn take(&self) -> Option<T> {
        let (slot, wake) = &*self.0;
        let mut slot = slot.lock();
        loop {
            if let Some(value) = slot.value.take() {
                return Some(value);
            }
            if slot.closed {
                return None;
            }
            wake.wait(&mut slot);
        }
    }

    /// Whether a newer request waits.
    pub fn has_mail(&self) -> bool {
        self.0.0.lock().value.is_some()
    }

    /// Ends the worker once it has taken what waits.
    pub fn close(&self) {
        let (slot, wake) = &*self.0;
        slot.lock().closed = true;
        wake.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_newest_request_is_seen() {
        let mailbox = Mailbox::default();
        mailbox.put(1);
        mailbox.put(2);
        mailbox.close();
        assert_eq!(mailbox.take(), Some(2));
        assert_eq!(mailbox.take(), None);
    }

    #[test]
    fn a_waiting_worker_wakes() {
        let mailbox = Mailbox::<u32>::default();
        let other = mailbox.clone();
        let worker = crate::jobs::spawn("mailbox test", move || other.take()).unwrap();
        mailbox.put(7);
        assert_eq!(worker.join().unwrap(), Some(7));
    }
}
