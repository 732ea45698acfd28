"""Writes the seeds that are no texts: MATLAB and HDF5 files as the field publishes them, ONNX graphs and short videos.

Run in this folder with NumPy, SciPy, h5py and the ffmpeg program: `python make_seeds.py`. The other seeds are texts, kept as
they are; `onnx()` alone needs nothing.
"""

import io
import json
import subprocess
from pathlib import Path

import h5py
import numpy
from scipy.io import savemat

SEEDS = Path(__file__).parent / "seeds"


def summe() -> None:
    """SumMe's GT files: users' picks frame by frame, beside cells and structures that are no tables."""
    folder = SEEDS / "summe_mat"
    folder.mkdir(parents=True, exist_ok=True)
    picks = numpy.zeros((40, 3))
    picks[5:12, 0] = 1
    picks[20:30, 1] = 2
    content = {
        "user_score": picks,
        "nFrames": 40,
        "FPS": 25.0,
        "gt_score": picks.mean(axis=1),
        "segments": numpy.array([[numpy.array([[0.2, 0.5]])]], dtype=object),
        "all_userIDs": {"a": 1},
    }
    for packed in (False, True):
        savemat(folder / f"clip_{'packed' if packed else 'plain'}.mat", content, do_compression=packed)
    savemat(folder / "bytes.mat", {"user_score": picks.astype("uint8"), "nFrames": 41}, do_compression=True)


def tvsum() -> None:
    """TVSum's MATLAB 7.3 file: a structure whose fields are lists of references, behind 512 bytes of MATLAB's own."""
    folder = SEEDS / "tvsum_mat"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "two_videos.mat"
    with h5py.File(path, "w", userblock_size=512) as file:
        root = file.create_group("tvsum50")
        cells = file.create_group("#refs#")

        def cell(name: str, data: numpy.ndarray, packed: bool = False) -> h5py.Reference:
            kind = {"compression": "gzip", "chunks": True} if packed else {}
            return cells.create_dataset(name, data=data, **kind).ref

        def text(name: str, value: str) -> h5py.Reference:
            return cell(name, numpy.array([[ord(letter)] for letter in value], dtype="uint16"))

        ratings = [numpy.arange(60).reshape(3, 20) % 5 + 1, numpy.ones((2, 12))]
        fields = {
            "video": [text("a", "abcdefghijk"), text("b", "lmnopqrstuv")],
            "title": [text("c", "A title"), text("d", "Another")],
            "length": [cell("e", numpy.array([[2.0]])), cell("f", numpy.array([[1.2]]))],
            "nframes": [cell("g", numpy.array([[20.0]])), cell("h", numpy.array([[12.0]]))],
            "user_anno": [cell("i", ratings[0].astype("f8"), True), cell("j", ratings[1])],
        }
        for name, references in fields.items():
            root.create_dataset(name, data=numpy.array([[r] for r in references], dtype=h5py.ref_dtype))
    head = b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM"
    with path.open("r+b") as file:
        file.write(head)


def datasets() -> None:
    """The eccv16 files and Mr. HiSum's."""
    folder = SEEDS / "dataset_h5"
    folder.mkdir(parents=True, exist_ok=True)
    with h5py.File(folder / "eccv16.h5", "w") as file:
        group = file.create_group("video_1")
        group["features"] = numpy.ones((4, 3), "f4")
        group["picks"] = numpy.array([0, 10, 20, 30])
        group["n_frames"] = 40
        group["n_frame_per_seg"] = numpy.array([20, 20])
        group["change_points"] = numpy.array([[0, 19], [20, 39]])
        group["gtscore"] = numpy.array([0.1, 0.9, 0.4, 0.2], "f4")
        group["gtsummary"] = numpy.array([0, 1, 0, 0], "f4")
        group["video_name"] = numpy.bytes_("A clip")
        group.create_dataset("user_summary", data=(numpy.arange(80).reshape(2, 40) % 7 < 2).astype("f4"), compression="gzip")
    with h5py.File(folder / "mr_hisum.h5", "w") as file:
        group = file.create_group("video_1")
        group["features"] = numpy.ones((6, 2), "f4")
        group["gtscore"] = numpy.array([0, 0.1, 0.9, 0.8, 0.1, 0], "f4")
        group["change_points"] = numpy.array([[0, 2], [2, 4], [4, 5]])
        group["gt_summary"] = numpy.array([0, 0, 1, 1, 0, 0], "f4")
    with h5py.File(folder / "new_format.h5", "w", libver="latest") as file:
        group = file.create_group("video_1")
        group.create_dataset("features", data=numpy.ones((4, 2), "f4"), chunks=(2, 2), compression="gzip", shuffle=True)
        group["gtscore"] = numpy.array([0.1, 0.9, 0.4, 0.2], "f4")
        group["n_frames"] = 4
        group["title"] = "Title"


def onnx() -> None:
    """A pooled network, one with weights in another file within a branch, and one whose graph is stated twice."""
    folder = SEEDS / "onnx"
    folder.mkdir(parents=True, exist_ok=True)

    def number(value: int) -> bytes:
        out = bytearray()
        while value > 0x7F:
            out.append(value & 0x7F | 0x80)
            value >>= 7
        return bytes(out) + bytes([value])

    def whole(field: int, value: int) -> bytes:
        return number(field << 3) + number(value)

    def part(field: int, value: bytes | str) -> bytes:
        value = value.encode() if isinstance(value, str) else value
        return number(field << 3 | 2) + number(len(value)) + value

    def port(name: str, *sides: int) -> bytes:
        shape = b"".join(part(1, whole(1, side) if side else part(2, "B")) for side in sides)
        return part(1, name) + part(2, part(1, whole(1, 1) + part(2, shape)))

    def node(kind: str, source: str, target: str, attribute: bytes = b"") -> bytes:
        return part(1, part(1, source) + part(2, target) + part(4, kind) + attribute)

    def model(graph: bytes) -> bytes:
        return whole(1, 8) + part(7, graph) + part(8, part(1, "") + whole(2, 17))

    weights = part(5, whole(1, 2) + whole(2, 1) + part(8, "w") + part(9, bytes(8)))
    ports = part(11, port("image", 0, 3, 4, 4)) + part(12, port("features", 0, 3))
    graph = node("GlobalAveragePool", "image", "pooled") + node("Flatten", "pooled", "features") + weights + ports
    (folder / "pooled.onnx").write_bytes(model(graph))
    elsewhere = part(5, part(8, "w") + part(13, part(1, "location") + part(2, "secret.bin")) + whole(14, 1))
    branch = part(5, part(1, "then_branch") + part(6, elsewhere) + whole(20, 5))
    (folder / "branch_elsewhere.onnx").write_bytes(model(node("If", "image", "features", branch) + ports))
    (folder / "graph_twice.onnx").write_bytes(model(graph) + part(7, elsewhere))


def media() -> None:
    """A second of pictures in several containers, and lists that name another file."""
    folder = SEEDS / "media"
    folder.mkdir(parents=True, exist_ok=True)
    for name, codec in [("mp4", "mpeg4"), ("mkv", "mpeg4"), ("avi", "mpeg4"), ("ts", "mpeg4"), ("webm", "libvpx")]:
        made = ["-f", "lavfi", "-i", "testsrc=size=32x32:rate=5:duration=1", "-c:v", codec, "-fflags", "+bitexact"]
        plain = ["-flags", "+bitexact", "-map_metadata", "-1", str(folder / f"small.{name}")]
        subprocess.run(["ffmpeg", "-loglevel", "error", "-y", *made, *plain], check=True)
    (folder / "playlist.m3u8").write_text("#EXTM3U\n#EXTINF:1,\nsmall.ts\n#EXT-X-ENDLIST\n")
    (folder / "list.ffconcat").write_text("ffconcat version 1.0\nfile small.mp4\n")


def cache_entry() -> None:
    """The three files of a cache entry with what stands between them: facts, features and one JPEG."""
    picture = ["-f", "lavfi", "-i", "testsrc2=size=32x16", "-frames:v", "1", "-f", "mjpeg", "-"]
    jpeg = subprocess.run(["ffmpeg", "-loglevel", "error", *picture], check=True, capture_output=True).stdout
    facts = {
        "picks": [0, 12, 24],
        "pick_times_secs": [0.0, 0.5, 1.0],
        "thumbs": [[1, len(jpeg)]],
        "shots": {"cuts": [12], "blank": [], "still": [{"start": 0, "end": 12}]},
        "warnings": ["one frame could not be decoded"],
    }
    features = io.BytesIO()
    numpy.save(features, numpy.arange(12, dtype="float32").reshape(3, 4))
    folder = SEEDS / "cache_entry"
    folder.mkdir(parents=True, exist_ok=True)
    parts = [json.dumps(facts).encode(), features.getvalue(), jpeg]
    (folder / "three_picks.bin").write_bytes(b"\n--next--\n".join(parts))


if __name__ == "__main__":
    cache_entry()
    onnx()
    media()
    summe()
    tvsum()
    datasets()
