//! Processor time used so far, which measures what work costs even where other programs keep the
//! machine busy.

use std::time::Duration;

/// Processor time of all threads of this process; `None` where the system does not report it.
pub fn process_time() -> Option<Duration> {
    imp::process_time()
}

/// Processor time of the calling thread; `None` where the system does not report it.
pub fn thread_time() -> Option<Duration> {
    imp::thread_time()
}

#[cfg(unix)]
mod imp {
    use std::time::Duration;

    use nix::time::{ClockId, clock_gettime};

    pub fn process_time() -> Option<Duration> {
        clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)
            .ok()
            .map(Duration::from)
    }

    pub fn thread_time() -> Option<Duration> {
        clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)
            .ok()
            .map(Duration::from)
    }
}

#[cfg(not(unix))]
mod imp {
    use std::time::Duration;

    pub fn process_time() -> Option<Duration> {
        None
    }

    pub fn thread_time() -> Option<Duration> {
        None
    }
}

#[cfg(test)]
mod tests {
    #[test]
    #[cfg(unix)]
    fn work_costs_time_and_waiting_does_not() {
        let begun = super::thread_time().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(30));
        let waited = super::thread_time().unwrap();
        let mut sum = 0u64;
        while super::thread_time().unwrap() < waited + std::time::Duration::from_millis(2) {
            sum = std::hint::black_box(sum + 1);
        }
        assert!(waited - begun < std::time::Duration::from_millis(30));
        assert!(sum > 0 && super::process_time().unwrap() >= waited);
    }
}
