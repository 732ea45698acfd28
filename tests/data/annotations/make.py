#!/usr/bin/env python3
"""Makes the files of this folder: pip install pympi-ling h5py scipy; python3 make.py

elan/*.eaf are written by pympi-ling, and elan/expected.json is what pympi-ling reads of them (begin, end and value of each annotation
by tier, in milliseconds). The .h5 and .mat files are what h5py, scipy and MATLAB's v7.3 write of the same small tables.
"""

import json
import os
import random

import h5py
import numpy as np
import scipy.io
from pympi import Elan

os.chdir(os.path.dirname(os.path.abspath(__file__)))

WORDS = ["keep", "pick", "a & b", "<em>", "größer", "日本", 'he said "no"', "5 > 3", "x'y", " spaced "]


def elan(number):
    rng = random.Random(number)
    eaf = Elan.Eaf(author="test")
    eaf.remove_tier("default")
    eaf.add_linked_file(f"file:///films/clip%20{number}.mp4", mimetype="video/mp4")
    eaf.add_linguistic_type("note", "Symbolic_Association", timealignable=False)
    eaf.add_linguistic_type("within", "Included_In")
    for person in range(rng.randint(1, 4)):
        tier = rng.choice(["Ann & Bob", "Çem", "rater", "日本"]) + f" {person}"
        rated = rng.random() < 0.5
        eaf.add_tier(tier, part=f"P{person}" if rng.random() < 0.3 else None)
        time = rng.randint(0, 500)
        for _ in range(rng.randint(1, 12)):
            end = time + rng.randint(1, 4000)
            value = str(rng.choice([1, 2, 3, 4, 5, 2.5])) if rated else rng.choice(WORDS)
            eaf.add_annotation(tier, time, end, value)
            time = end + rng.choice([0, 0, rng.randint(1, 900)])
        if rng.random() < 0.4:
            child = f"notes {person}"
            eaf.add_tier(child, ling="note", parent=tier)
            for begin, _, _ in eaf.get_annotation_data_for_tier(tier)[:3]:
                eaf.add_ref_annotation(child, tier, begin, rng.choice(WORDS))
        if rng.random() < 0.3:
            eaf.add_tier(f"part {person}", ling="within", parent=tier)
            begin, end, _ = eaf.get_annotation_data_for_tier(tier)[0]
            if end - begin > 1:
                eaf.add_annotation(f"part {person}", begin, end - 1, rng.choice(WORDS))
    name = f"elan/{number:02}.eaf"
    eaf.to_file(name)
    back = Elan.Eaf(name)
    tiers = {}
    for tier in back.get_tier_names():
        annotations = [list(one[:3]) for one in back.get_annotation_data_for_tier(tier)]
        parameters = back.get_parameters_for_tier(tier)
        tiers[tier] = {
            "participant": parameters.get("PARTICIPANT") or "",
            "parent": parameters.get("PARENT_REF") or "",
            "annotations": sorted(annotations, key=lambda one: one[0]),
        }
    return tiers


def tables(users=4, frames=60):
    summary = np.zeros((users, frames), "f4")
    for user in range(users):
        summary[user, 6 * user : 6 * user + 9] = 1
    return summary


def dataset(name, edit=None, kind="f4", **packing):
    rng = np.random.RandomState(0)
    with h5py.File(name, "w") as file:
        group = file.create_group("video_1")
        group.create_dataset("features", data=rng.randint(-8, 9, (12, 8)).astype(kind) / 4, dtype=kind, **packing)
        group["picks"] = np.arange(12) * 5
        group["n_frames"] = 60
        group["change_points"] = np.array([[0, 19], [20, 39], [40, 59]])
        group["n_frame_per_seg"] = np.array([20, 20, 20])
        group["gtscore"] = np.linspace(0, 1, 12).astype("f4")
        group.create_dataset("user_summary", data=tables(), **packing)
        if edit:
            edit(group)


def turned(group):
    for name in ("user_summary", "change_points", "features"):
        table = group[name][()].T
        del group[name]
        group[name] = table


def attributes(text):
    def edit(group):
        for name in ("n_frames",):
            group.attrs[name] = group[name][()]
            del group[name]
        group.attrs["video_name"] = text("Jumps")
        group.attrs["fps"] = 25.0

    return edit


def named(text):
    def edit(group):
        group["video_name"] = text("Jumps")

    return edit


def neither(group):
    del group["n_frames"]
    group["n_frames"] = 45


def main():
    expected = {f"{number:02}.eaf": elan(number) for number in range(30)}
    with open("elan/expected.json", "w", encoding="utf-8") as file:
        json.dump(expected, file, ensure_ascii=False, sort_keys=True)
    dataset("lzf.h5", compression="lzf")
    dataset("gzip.h5", compression="gzip", shuffle=True)
    dataset("float16.h5", kind="f2")
    dataset("turned.h5", turned)
    dataset("attributes_str.h5", attributes(str))
    dataset("attributes_bytes.h5", attributes(lambda text: np.bytes_(text)))
    dataset("named_str.h5", named(str))
    dataset("named_bytes.h5", named(lambda text: np.bytes_(text)))
    dataset("neither_side.h5", neither)
    scores = (tables().T * 3).astype("f8")
    summe = {"user_score": scores, "nFrames": 60.0, "FPS": 25.0}
    scipy.io.savemat("summe_v5.mat", summe, do_compression=True)
    with h5py.File("summe_v73.mat", "w", userblock_size=512) as file:
        # MATLAB's columns come first in HDF5.
        file["user_score"] = scores.T
        file["nFrames"] = np.array([[60.0]])
        file["FPS"] = np.array([[25.0]])
    with open("summe_v73.mat", "r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM")
    videos = np.zeros((2, 1), dtype=[(name, "O") for name in ("video", "category", "title", "length", "nframes", "user_anno")])
    for at in range(2):
        ratings = np.random.RandomState(at).randint(1, 6, (60, 20)).astype("f8")
        videos[at, 0] = (f"vid{at}abcdefg", "VT", f"Título {at}", 2.4, 60.0, ratings)
    scipy.io.savemat("tvsum_v5.mat", {"tvsum50": videos}, do_compression=True)


main()
