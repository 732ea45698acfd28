"""Extractor bundles: true architectures with random weights, PCA, and the pool5 cut."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from torchvision import models, transforms

from helpers import random_network
from summdiff_models.__main__ import main
from summdiff_models.extractors.bvlc_net import BvlcGoogLeNet
from summdiff_models.network import NetworkOptions
from summdiff_models.onnx_export import session


def command(*words: object) -> int:
    return main([str(word) for word in words])


def image_batch(size: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((2, 3, size, size)).astype(np.float32)


@pytest.fixture(scope="module")
def googlenet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("extractors") / "googlenet"
    assert command("extractor", "googlenet-torchvision", "--weights", "random", "--out", out) == 0
    return out


def test_googlenet_states_torchvisions_preprocessing(googlenet: Path) -> None:
    manifest = json.loads((googlenet / "bundle.json").read_text())
    spec = manifest["extractor"]
    preset = models.GoogLeNet_Weights.IMAGENET1K_V1.transforms()
    assert manifest["kind"] == "extractor" and manifest["encoder"] is None
    assert spec["resize"] == {
        "mode": "shorter_side", "size": preset.resize_size[0], "crop": preset.crop_size[0], "filter": "bilinear",
    }  # fmt: skip
    assert preset.interpolation == transforms.InterpolationMode.BILINEAR
    assert (spec["input_size"], spec["dim"], spec["sampling_fps"]) == ([224, 224], 1024, 2.0)
    assert (spec["mean"], spec["std"], spec["scale"]) == (preset.mean, preset.std, 255.0)
    assert (spec["channel_order"], spec["l2_normalise"], spec["pca"]) == ("rgb", True, None)


def test_googlenet_equals_a_network_loaded_from_its_weights_file(googlenet: Path, tmp_path: Path) -> None:
    torch.manual_seed(3)
    network = models.googlenet(weights=None, aux_logits=True, transform_input=True, init_weights=False)
    for module in network.modules():
        if isinstance(module, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(module.weight)
    torch.save(network.state_dict(), tmp_path / "googlenet.pth")  # with side classifiers, as published
    out = tmp_path / "out"
    assert command("extractor", "googlenet-torchvision", "--weights", tmp_path / "googlenet.pth", "--out", out) == 0
    network.fc = torch.nn.Identity()
    images = image_batch(224)
    with torch.no_grad():
        expected = network.eval()(torch.from_numpy(images)).numpy()
    (found,) = session(out / "extractor.onnx").run(["features"], {"image": images})
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3 * np.abs(expected).max())
    assert not np.allclose(found, session(googlenet / "extractor.onnx").run(None, {"image": images})[0])


def test_inception_with_whitening_pca(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    raw = tmp_path / "pca"
    raw.mkdir()
    np.save(raw / "mean.npy", rng.standard_normal((2048, 1)))
    np.save(raw / "eigenvals.npy", rng.uniform(0.1, 2, (2048, 1)))
    np.save(raw / "eigenvecs.npy", rng.standard_normal((2048, 2048)).astype(np.float32))
    out = tmp_path / "inception"
    flags = ("--weights", "random", "--pca", raw, "--out", out)
    assert command("extractor", "inception-v3", *flags) == 0
    spec = json.loads((out / "bundle.json").read_text())["extractor"]
    assert (spec["dim"], spec["input_size"], spec["sampling_fps"]) == (1024, [299, 299], 1.0)
    assert spec["resize"] == {"mode": "stretch", "size": 299, "crop": 299, "filter": "bilinear"}
    assert spec["pca"]["whiten"] and spec["pca"]["epsilon"] == 1e-4
    (pooled,) = session(out / "extractor.onnx").run(["features"], {"image": image_batch(299)})
    assert pooled.shape == (2, 2048) and np.isfinite(pooled).all() and pooled.std() > 0
    mean, basis, values = (np.load(out / spec["pca"][f"{part}_file"]) for part in ("mean", "basis", "eigenvalues"))
    assert (mean.dtype, basis.shape, values.shape) == (np.float32, (1024, 2048), (1024,))
    # The arithmetic of YouTube-8M's own extractor, on the raw files.
    centred = pooled - np.load(raw / "mean.npy")[:, 0]
    vectors = np.load(raw / "eigenvecs.npy").T[:, :1024]
    theirs = centred.dot(vectors) / np.sqrt(np.load(raw / "eigenvals.npy")[:1024, 0] + 1e-4)
    ours = (pooled - mean) @ basis.T / np.sqrt(values + spec["pca"]["epsilon"])
    np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-3)


def zoo_like_model(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """A file in the form of the model zoo's: opset 7, one picture, initialisers as inputs."""
    rng = np.random.default_rng(4)
    conv = (0.05 * rng.standard_normal((1024, 3, 32, 32))).astype(np.float32)
    weights = {
        "conv_w_0": conv,
        "fc_w_0": rng.standard_normal((1000, 1024)).astype(np.float32),
        "fc_b_0": np.zeros(1000, np.float32),
        "shape_0": np.array([1, 1024]),
    }
    nodes = [
        helper.make_node("Conv", ["data_0", "conv_w_0"], ["conv_1"], strides=[32, 32]),
        helper.make_node("Relu", ["conv_1"], ["conv_2"]),
        helper.make_node("AveragePool", ["conv_2"], ["pool5/7x7_s1_1"], kernel_shape=[7, 7]),
        helper.make_node("Dropout", ["pool5/7x7_s1_1"], ["pool5/7x7_s1_2"], ratio=0.4),
        helper.make_node("Reshape", ["pool5/7x7_s1_2", "shape_0"], ["flat_1"]),
        helper.make_node("Gemm", ["flat_1", "fc_w_0", "fc_b_0"], ["loss_1"], transB=1),
        helper.make_node("Softmax", ["loss_1"], ["prob_1"]),
    ]
    inputs = [helper.make_tensor_value_info("data_0", TensorProto.FLOAT, [1, 3, 224, 224])]
    for name, value in weights.items():
        kind = TensorProto.INT64 if value.dtype == np.int64 else TensorProto.FLOAT
        inputs.append(helper.make_tensor_value_info(name, kind, value.shape))
    graph = helper.make_graph(
        nodes, "zoo", inputs,
        [helper.make_tensor_value_info("prob_1", TensorProto.FLOAT, [1, 1000])],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 7)], ir_version=3)
    onnx.save(model, str(path))
    images = rng.standard_normal((3, 3, 224, 224)).astype(np.float32)
    patches = images.reshape(3, 3, 7, 32, 7, 32).transpose(0, 2, 4, 1, 3, 5).reshape(3, 49, -1)
    return images, np.maximum(patches @ conv.reshape(1024, -1).T, 0).mean(1)


def test_the_zoos_graph_is_cut_at_pool5_for_any_batch(tmp_path: Path) -> None:
    images, expected = zoo_like_model(tmp_path / "googlenet-7.onnx")
    out = tmp_path / "bvlc"
    assert command("extractor", "bvlc-googlenet", "--onnx", tmp_path / "googlenet-7.onnx", "--out", out) == 0
    spec = json.loads((out / "bundle.json").read_text())["extractor"]
    assert (spec["channel_order"], spec["scale"], spec["mean"]) == ("bgr", 1.0, [104.0, 117.0, 123.0])
    assert (spec["input_name"], spec["opset"]) == ("data_0", 7)
    (found,) = session(out / "extractor.onnx").run(["features"], {"data_0": images})
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4)


def test_random_bvlc_network_has_the_true_shapes(tmp_path: Path) -> None:
    network = BvlcGoogLeNet()
    # 7.0 million parameters with the classifier (1024 x 1000 + 1000), as published.
    assert sum(p.numel() for p in network.parameters()) == 6_998_552 - 1_025_000
    out = tmp_path / "bvlc"
    assert command("extractor", "bvlc-googlenet", "--weights", "random", "--out", out) == 0
    images = 60 * image_batch(224)
    (found,) = session(out / "extractor.onnx").run(["features"], {"image": images})
    assert found.shape == (2, 1024) and np.isfinite(found).all() and found.std() > 0.01


def test_an_extractor_goes_into_an_exported_bundle(
    googlenet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sizes = dict(hidden=8, heads=2, feed_forward=16, enc_layers=1, n_input_proj=1, k=20)
    torch.save(random_network(NetworkOptions(dim_in=1024, **sizes)).state_dict(), tmp_path / "best.pkl")
    torch.save(random_network(NetworkOptions(dim_in=7, **sizes)).state_dict(), tmp_path / "other.pkl")
    common = ("--heads", 2, "--sigmoid-temp", 2, "--extractor", googlenet, "--out")
    assert command("export", "--checkpoint", tmp_path / "best.pkl", *common, tmp_path / "full") == 0
    manifest = json.loads((tmp_path / "full" / "bundle.json").read_text())
    assert manifest["extractor"]["dim"] == manifest["encoder"]["dim_in"] == 1024
    assert set(manifest["files"]) == {"encoder.onnx", "denoiser.onnx", "extractor.onnx"}
    assert command("export", "--checkpoint", tmp_path / "other.pkl", *common, tmp_path / "no") == 1
    assert "gives 1024 values a frame but the network takes 7" in capsys.readouterr().err


def test_wrong_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    torch.save({"conv1.weight": torch.zeros(2)}, tmp_path / "w.pth")
    (tmp_path / "g.onnx").write_text("<html>")
    cases = [
        (
            ("googlenet-torchvision", "--weights", tmp_path / "w.pth"),
            "does not hold the weights of googlenet-torchvision",
        ),
        (("googlenet-torchvision",), "needs weights"),
        (("bvlc-googlenet",), "give --onnx googlenet-7.onnx"),
        (("bvlc-googlenet", "--onnx", tmp_path / "g.onnx"), "cannot be read as an ONNX file"),
        (("googlenet-torchvision", "--weights", "random", "--pca", tmp_path), "mean.npy cannot be read"),
    ]
    for words, sentence in cases:
        assert command("extractor", *words, "--out", out) == 1
        assert sentence in capsys.readouterr().err
        assert not out.exists()
