#![no_main]

use summdiff_explorer::testing::readers::Reader;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| Reader::Draft.feed(bytes));
