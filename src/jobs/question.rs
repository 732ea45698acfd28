//! One question at a time, answered on a named thread.

use crossbeam_channel::{Receiver, TryRecvError, bounded};

/// Keeps an answer up to date without waiting for it: while a question is being answered no other
/// is asked, and a question like the last one is not asked again.
pub struct Asker<Q, A> {
    running: Option<Receiver<A>>,
    asked: Option<Q>,
}

impl<Q, A> Default for Asker<Q, A> {
    fn default() -> Self {
        Self {
            running: None,
            asked: None,
        }
    }
}

impl<Q: Clone + Send + 'static, A: Send + 'static> Asker<Q, A> {
    /// The answer, once, as soon as it is there.
    pub fn answer(&mut self) -> Option<A> {
        match self.running.as_ref()?.try_recv() {
            Ok(answer) => {
                self.running = None;
                Some(answer)
            }
            Err(TryRecvError::Empty) => None,
            // The work broke off; its panic is in the log.
            Err(TryRecvError::Disconnected) => {
                self.running = None;
                None
            }
        }
    }

    /// Whether a question is being answered.
    pub fn is_working(&self) -> bool {
        self.running.is_some()
    }

    /// Asks, unless a question is being answered or `same(last, question)` holds. `wake` is called
    /// when the answer is there.
    pub fn ask(
        &mut self,
        name: &'static str,
        question: Q,
        same: impl FnOnce(&Q, &Q) -> bool,
        work: impl FnOnce(Q) -> A + Send + 'static,
        wake: impl FnOnce() + Send + 'static,
    ) {
        if self.is_working()
            || self
                .asked
                .as_ref()
                .is_some_and(|last| same(last, &question))
        {
            return;
        }
        self.asked = Some(question.clone());
        let (sender, receiver) = bounded(1);
        let started = super::spawn(name, move || {
            // Nobody asks any more once the window is closed.
            let _ = sender.send(work(question));
            wake();
        });
        match started {
            Ok(_) => self.running = Some(receiver),
            Err(error) => log::warn!("could not {name}: {error}"),
        }
    }

    /// There is nothing to ask at present: the next question is asked whatever it is.
    pub fn forget(&mut self) {
        self.asked = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(asker: &mut Asker<u32, u32>, question: u32, woken: &crossbeam_channel::Sender<()>) {
        let woken = woken.clone();
        let wake = move || woken.send(()).unwrap();
        asker.ask("double", question, |a, b| a == b, |q| 2 * q, wake);
    }

    #[test]
    fn one_question_at_a_time_and_none_twice() {
        let (woken, wakes) = bounded(8);
        let mut asker = Asker::default();
        assert_eq!(asker.answer(), None);
        ask(&mut asker, 3, &woken);
        // Refused while the first is answered.
        ask(&mut asker, 4, &woken);
        wakes.recv().unwrap();
        assert!(asker.is_working());
        assert_eq!(asker.answer(), Some(6));
        assert_eq!(asker.answer(), None);
        ask(&mut asker, 3, &woken);
        assert!(!asker.is_working());
        asker.forget();
        ask(&mut asker, 3, &woken);
        wakes.recv().unwrap();
        assert_eq!(asker.answer(), Some(6));
    }

    #[test]
    fn work_that_breaks_off_does_not_block_the_next() {
        let (woken, wakes) = bounded::<()>(1);
        let mut asker: Asker<u32, u32> = Asker::default();
        // `woken` is dropped with the work.
        asker.ask(
            "break off",
            1,
            |a, b| a == b,
            |_| std::panic::panic_any("broken on purpose"),
            move || drop(woken),
        );
        assert!(wakes.recv().is_err());
        while asker.is_working() {
            assert_eq!(asker.answer(), None);
            std::thread::yield_now();
        }
        let (woken, wakes) = bounded(1);
        ask(&mut asker, 2, &woken);
        wakes.recv().unwrap();
        assert_eq!(asker.answer(), Some(4));
    }
}
