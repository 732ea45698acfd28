use super::*;
use ndarray::array;

fn write(path: &Path, edit: impl Fn(&Group)) {
    let file = File::create(path).unwrap();
    for name in ["video_10", "video_2"] {
        let group = file.create_group(name).unwrap();
        let put = |name: &str, data: Array2<f32>| {
            group
                .new_dataset_builder()
                .with_data(&data)
                .create(name)
                .unwrap();
        };
        put("features", Array2::zeros((4, 3)));
        put("change_points", array![[0.0, 4.0], [5.0, 9.0]]);
        put(
            "user_summary",
            array![[1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]],
        );
        let list = |name: &str, data: ndarray::Array1<f32>| {
            group
                .new_dataset_builder()
                .with_data(&data)
                .create(name)
                .unwrap();
        };
        list("picks", array![0.0, 3.0, 6.0, 9.0]);
        list("gtscore", array![0.1, 0.2, 0.3, 0.4]);
        list("n_frame_per_seg", array![5.0, 5.0]);
        group
            .new_dataset::<i64>()
            .create("n_frames")
            .unwrap()
            .write_scalar(&10i64)
            .unwrap();
        if name == "video_10" {
            edit(&group);
        }
    }
}

#[test]
fn videos_are_read_in_natural_order() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("eccv16.h5");
    write(&path, |_| ());
    let dataset = Dataset::open(&path).unwrap();
    assert_eq!(dataset.keys(), ["video_2", "video_10"]);
    let record = dataset.read("video_2").unwrap();
    assert_eq!(
        record.segments,
        vec![FrameRange::new(0, 5), FrameRange::new(5, 10)]
    );
    assert_eq!((record.frame_count, record.features.dim()), (10, (4, 3)));
    let set = record.annotation_set();
    assert_eq!(
        set.annotators[0].picks,
        vec![FrameRange::new(0, 2), FrameRange::new(9, 10)]
    );
    assert_eq!(super::super::open(&path).unwrap().sets.len(), 2);
}

#[test]
fn a_broken_video_leaves_the_rest() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("eccv16.h5");
    write(&path, |group| {
        group.unlink("picks").unwrap();
        let short = array![0.0f32, 3.0];
        group
            .new_dataset_builder()
            .with_data(&short)
            .create("picks")
            .unwrap();
    });
    let opened = super::super::open(&path).unwrap();
    assert_eq!(opened.sets.len(), 1);
    assert!(
        opened.warnings[0].contains("video_10: picks has 2 entries"),
        "{:?}",
        opened.warnings
    );
}

#[test]
fn truncated_files_are_refused_in_a_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("eccv16.h5");
    write(&path, |_| ());
    let bytes = std::fs::read(&path).unwrap();
    for length in [9, 100, bytes.len() / 2, bytes.len() - 10] {
        std::fs::write(&path, &bytes[..length]).unwrap();
        let message = match super::super::open(&path) {
            Ok(opened) => opened.warnings.join(" "),
            Err(err) => err.to_string(),
        };
        assert!(!message.is_empty() && !message.contains('\n'), "{message}");
    }
}

#[test]
fn seconds_of_mr_hisum_are_joined_to_their_names() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("mr_hisum.h5");
    {
        let file = File::create(&path).unwrap();
        let group = file.create_group("video_1").unwrap();
        group
            .new_dataset_builder()
            .with_data(&Array2::<f32>::zeros((6, 2)))
            .create("features")
            .unwrap();
        group
            .new_dataset_builder()
            .with_data(&array![0.0f32, 0.1, 0.9, 0.8, 0.1, 0.0])
            .create("gtscore")
            .unwrap();
        group
            .new_dataset_builder()
            .with_data(&array![[0i64, 2], [2, 4], [4, 5]])
            .create("change_points")
            .unwrap();
        group
            .new_dataset_builder()
            .with_data(&array![0.0f32, 0.0, 1.0, 1.0, 0.0, 0.0])
            .create("gt_summary")
            .unwrap();
    }
    std::fs::write(
        dir.path().join("metadata.csv"),
        "video_id,youtube_id,title\nvideo_1,abcdefghijk,Cats\n",
    )
    .unwrap();
    let record = Dataset::open(&path).unwrap().read("video_1").unwrap();
    assert_eq!(
        (record.video_id.as_str(), record.title.as_str()),
        ("abcdefghijk", "Cats")
    );
    assert_eq!(record.frames_per_segment, vec![2, 2, 2]);
    assert!(record.by_second);
    let set = record.annotation_set();
    assert_eq!(set.frame_rate_fps, 1.0);
    assert_eq!(set.annotators[0].picks, vec![FrameRange::new(2, 4)]);
}
