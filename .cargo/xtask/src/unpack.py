"""Takes ONNX Runtime's shared libraries and licences out of its Python wheel: unpack.py WHEEL FOLDER."""

import pathlib
import sys
import zipfile

wheel, folder = sys.argv[1], pathlib.Path(sys.argv[2])
libraries = folder / "lib"
libraries.mkdir(parents=True)
with zipfile.ZipFile(wheel) as archive:
    for member in archive.namelist():
        name = member.rsplit("/", 1)[-1]
        if member.startswith("onnxruntime/capi/libonnxruntime"):
            target = libraries / name
        elif member in ("onnxruntime/LICENSE", "onnxruntime/ThirdPartyNotices.txt"):
            target = folder / name
        else:
            continue
        target.write_bytes(archive.read(member))
for versioned in libraries.iterdir():
    plain = {".so": "libonnxruntime.so", ".dylib": "libonnxruntime.dylib"}
    for ending, name in plain.items():
        if versioned.name.startswith("libonnxruntime.") and ending in versioned.name and versioned.name != name:
            (libraries / name).symlink_to(versioned.name)
