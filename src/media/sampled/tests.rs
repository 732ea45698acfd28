use super::skipping::hevc_temporal_layers;

#[test]
fn temporal_layers_are_read_from_both_kinds_of_header() {
    let mut hvcc = vec![0u8; 23];
    hvcc[0] = 1;
    hvcc[21] = 0b0000_1011;
    assert_eq!(hevc_temporal_layers(&hvcc), Some(1));
    hvcc[21] = 0b0001_0011;
    assert_eq!(hevc_temporal_layers(&hvcc), Some(2));
    // Video parameter set: id 0, base layer flags 11, one layer, two temporal layers.
    let annex_b = [0, 0, 0, 1, 0x40, 0x01, 0b0000_1100, 0b0000_0011, 0xff];
    assert_eq!(hevc_temporal_layers(&annex_b), Some(2));
    assert_eq!(hevc_temporal_layers(&[]), None);
}
