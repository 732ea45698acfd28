use super::*;
use proptest::prelude::*;

const NTSC: Rational = Rational::new(30000, 1001);
const NTSC_60: Rational = Rational::new(60000, 1001);
const FILM: Rational = Rational::new(24000, 1001);

#[test]
fn drop_frame_numbers_are_those_of_the_standard() {
    let base = Timebase::from_rate(NTSC);
    assert!(base.drop_frame);
    assert_eq!(base.smpte(0), "00:00:00;00");
    assert_eq!(base.smpte(1799), "00:00:59;29");
    assert_eq!(base.smpte(1800), "00:01:00;02");
    assert_eq!(base.smpte(17981), "00:09:59;29");
    assert_eq!(base.smpte(17982), "00:10:00;00");
    assert_eq!(base.smpte(107_892), "01:00:00;00");
    let fast = Timebase::from_rate(NTSC_60);
    assert_eq!(fast.smpte(3600), "00:01:00;04");
    assert_eq!(fast.smpte(35964), "00:10:00;00");
}

#[test]
fn film_rate_counts_at_the_nominal_rate() {
    let base = Timebase::from_rate(FILM);
    assert!(!base.drop_frame);
    assert_eq!(base.smpte(129_600), "01:30:00:00");
    // A measured average near the rate is that rate.
    assert_eq!(Timebase::from_rate(Rational::new(2997, 100)).rate, NTSC);
    assert_eq!(Timebase::from_rate(Rational::new(23976, 1000)).rate, FILM);
    assert_eq!(
        Timebase::from_rate(Rational::new(24, 1)).rate,
        Rational::new(24, 1)
    );
}

#[test]
fn timecode_wraps_at_a_day() {
    let base = Timebase::from_rate(Rational::new(25, 1));
    assert_eq!(base.smpte(25 * 86_400 + 3), "00:00:00:03");
}

#[test]
fn numbers_that_drop_frame_leaves_out_are_refused() {
    let base = Timebase::from_rate(NTSC);
    assert!(base.frame_from_smpte("00:01:00;00").is_err());
    assert!(base.frame_from_smpte("00:01:00;01").is_err());
    assert_eq!(base.frame_from_smpte("00:01:00;02"), Ok(1800));
    assert_eq!(base.frame_from_smpte("00:10:00;00"), Ok(17982));
    // With colons the same rate is read as non-drop.
    assert_eq!(base.frame_from_smpte("00:01:00:00"), Ok(1800));
    assert!(base.frame_from_smpte("00:00:00:30").is_err());
    assert!(base.frame_from_smpte("00:60:00:00").is_err());
    assert!(base.frame_from_smpte("00:00:0x:00").is_err());
}

#[test]
fn the_mark_says_whether_numbers_are_dropped() {
    let base = Timebase::from_rate(NTSC);
    let of = |text| base.marked_as(text).map(|base| base.drop_frame);
    assert_eq!(of("10:00:00:00"), Ok(false));
    assert_eq!(of("10:00:00;00"), Ok(true));
    let film = Timebase::from_rate(FILM);
    assert!(film.marked_as("10:00:00;00").is_err());
    assert_eq!(film.marked_as("10:00:00:00"), Ok(film));
}

#[test]
fn all_notations_are_understood() {
    let base = Timebase::from_rate(Rational::new(25, 1));
    let parse = |text: &str| parse_time(text, TimeFormat::Clock, base);
    assert_eq!(parse("01:02:03.500"), Ok(TimePoint::Secs(3723.5)));
    assert_eq!(parse("01:02:03,500"), Ok(TimePoint::Secs(3723.5)));
    assert_eq!(parse(" 2:03.5 "), Ok(TimePoint::Secs(123.5)));
    assert_eq!(parse("90:00"), Ok(TimePoint::Secs(5400.0)));
    assert_eq!(parse("01:02:03:12"), Ok(TimePoint::Frame(3723 * 25 + 12)));
    assert_eq!(parse("1234f"), Ok(TimePoint::Frame(1234)));
    assert_eq!(parse("1234 frames"), Ok(TimePoint::Frame(1234)));
    assert_eq!(parse("12.5s"), Ok(TimePoint::Secs(12.5)));
    assert_eq!(parse("12.5"), Ok(TimePoint::Secs(12.5)));
    assert_eq!(parse("01.02.03.500"), Ok(TimePoint::Secs(3723.5)));
    assert_eq!(
        parse_time("77", TimeFormat::Frames, base),
        Ok(TimePoint::Frame(77))
    );
    for bad in ["", "abc", "1:99", "-3", "1:2:3:4:5", "1e5", "f", "12;30"] {
        assert!(parse(bad).is_err(), "{bad} was taken for a time");
    }
}

#[test]
fn clock_time_rounds_to_the_millisecond() {
    assert_eq!(clock_from_secs(59.9996), "00:01:00.000");
    assert_eq!(clock_from_secs(3723.5), "01:02:03.500");
    assert_eq!(clock_from_secs(-1.25), "-00:00:01.250");
    assert_eq!(file_clock_from_secs(3723.5), "01.02.03.500");
}

#[test]
fn uneven_rates_get_a_timeline_that_editing_programs_know() {
    assert_eq!(
        Timebase::standard_at_least(12.5).rate,
        Rational::new(24000, 1001)
    );
    assert_eq!(Timebase::standard_at_least(29.97).rate, NTSC);
    assert_eq!(
        Timebase::standard_at_least(144.0).rate,
        Rational::new(60, 1)
    );
}

proptest! {
    #[test]
    fn smpte_round_trips(
        frame in 0u64..2_500_000,
        rate in proptest::sample::select(STANDARD_RATES.to_vec()),
        drop in any::<bool>(),
    ) {
        let base = if drop { Timebase::from_rate(rate) } else { Timebase::non_drop(rate) };
        // A day of timecode: beyond it the text wraps.
        let day = 86_400 * u64::from(base.nominal_fps) * 999 / 1000;
        prop_assume!(frame < day);
        prop_assert_eq!(base.frame_from_smpte(&base.smpte(frame)), Ok(frame));
    }

    #[test]
    fn drop_frame_keeps_up_with_the_clock(frame in 0u64..2_500_000) {
        let base = Timebase::from_rate(NTSC);
        let text = base.smpte(frame).replace(';', ":");
        let parts: Vec<u64> = text.split(':').map(|part| part.parse().unwrap()).collect();
        let shown_secs = (parts[0] * 3600 + parts[1] * 60 + parts[2]) as f64 + parts[3] as f64 / 30.0;
        // Within a minute it lags by at most two frames, over a day by less than 0.1 s.
        prop_assert!((shown_secs - base.secs_from_frame(frame)).abs() < 0.16);
    }

    #[test]
    fn clock_time_round_trips(millis in 0u64..400_000_000) {
        let secs = millis as f64 / 1000.0;
        let base = Timebase::from_rate(FILM);
        let parsed = parse_time(&clock_from_secs(secs), TimeFormat::Clock, base);
        match parsed {
            Ok(TimePoint::Secs(back)) => prop_assert!((back - secs).abs() < 1e-6),
            other => prop_assert!(false, "{other:?}"),
        }
    }

    #[test]
    fn any_text_is_answered_without_panic(text in ".{0,40}") {
        let _ = parse_time(&text, TimeFormat::Smpte, Timebase::from_rate(NTSC));
    }
}
