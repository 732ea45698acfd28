use super::*;
use hdf5_metno::File;
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

/// What is reported of a file whose only video has `spoil` done to its group.
fn refused(spoil: impl Fn(&Group, &Path)) -> String {
    let dir = tempfile::tempdir().unwrap();
    let elsewhere = dir.path().join("elsewhere.h5");
    let other = File::create(&elsewhere).unwrap();
    let secret = array![[1.0f32, 2.0, 3.0, 4.0]];
    other
        .new_dataset_builder()
        .with_data(&secret)
        .create("secret")
        .unwrap();
    drop(other);
    let path = dir.path().join("one.h5");
    let file = File::create(&path).unwrap();
    let group = file.create_group("video_1").unwrap();
    group
        .new_dataset_builder()
        .with_data(&array![[1.0f32, 0.0, 0.0, 1.0]])
        .create("user_summary")
        .unwrap();
    spoil(&group, &elsewhere);
    drop((group, file));
    let err = super::super::open(&path).map(|opened| opened.sets);
    let err = err.expect_err("the file is refused").to_string();
    assert!(err.contains("one.h5") && !err.contains('\n'), "{err}");
    err
}

#[test]
fn nothing_outside_of_the_file_is_read() {
    let stored = refused(|group, elsewhere| {
        let elsewhere = elsewhere.to_str().unwrap();
        group
            .new_dataset::<f32>()
            .external(elsewhere, 0, 16)
            .shape((1, 4))
            .create("user_scores")
            .unwrap();
    });
    assert!(
        stored.contains("user_scores takes its values from other files"),
        "{stored}"
    );
    let made_up = refused(|group, elsewhere| {
        group
            .new_dataset::<f32>()
            .virtual_map(
                elsewhere.to_str().unwrap(),
                "secret",
                (1, 4),
                ..,
                (1, 4),
                ..,
            )
            .shape((1, 4))
            .create("user_scores")
            .unwrap();
    });
    assert!(
        made_up.contains("user_scores takes its values from other files"),
        "{made_up}"
    );
    let linked = refused(|group, elsewhere| {
        let elsewhere = elsewhere.to_str().unwrap();
        group
            .link_external(elsewhere, "/secret", "user_scores")
            .unwrap();
    });
    assert!(linked.contains("user_scores is a link"), "{linked}");
    // A soft link can lead through an external one.
    let soft = refused(|group, _| group.link_soft("/elsewhere/secret", "user_scores").unwrap());
    assert!(soft.contains("user_scores is a link"), "{soft}");
}

#[test]
fn a_whole_video_or_a_root_that_is_elsewhere_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let there = dir.path().join("there.h5");
    write(&there, |_| ());
    let path = dir.path().join("one.h5");
    for name in ["video_1", "tvsum50"] {
        let file = File::create(&path).unwrap();
        file.link_external(there.to_str().unwrap(), "/video_2", name)
            .unwrap();
        drop(file);
        let err = super::super::open(&path).map(|opened| opened.sets);
        let err = err.unwrap_err().to_string();
        assert!(err.contains(&format!("{name} is a link")), "{err}");
    }
}

#[test]
fn sizes_are_refused_before_they_are_made() {
    let values = |name: &'static str, shape: (usize, usize), chunk: (usize, usize)| {
        refused(move |group, _| {
            group
                .new_dataset::<f32>()
                .chunk(chunk)
                .shape((shape.0.., shape.1..))
                .create(name)
                .unwrap();
        })
    };
    // A million users, and values that only a fill value makes.
    let crowd = values("user_scores", (1_000_000, 2), (1000, 2));
    assert!(crowd.contains("may be left to a fill value"), "{crowd}");
    let bomb = values("user_scores", (100, 1 << 24), (1, 1 << 16));
    assert!(bomb.contains("384 MB"), "{bomb}");
    // Few values in an enormous chunk.
    let chunk = values("user_scores", (2, 4), (1000, 1 << 19));
    assert!(chunk.contains("384 MB"), "{chunk}");
}
