"""Turn the trained model (float16) into the files that the package ships: int8 with one scale per row.

usage: quantise.py MODEL_DIR PACKAGE_DIR
MODEL_DIR: what train_static.py wrote (model.safetensors, tokenizer.json). Writes PACKAGE_DIR/data/model.safetensors,
data/tokenizer.json and src/facts.ts (sizes, checksums and reference vectors). Needs numpy, tokenizers, safetensors.

The reference vectors come from the float16 weights and the original tokenizer, not from the files written here, so that
whoever reproduces them has both the tokenizer and the arithmetic right.
"""
import base64, hashlib, json, os, sys
import numpy as np
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

UNK = 100
TEXTS = [
    "How do I renew my passport?",
    "The quick brown fox jumps over the lazy dog.",
    "A crash-safe journal writes every record twice: once to the log, once to the checkpoint.",
    "naïve café, 東京タワー and Привет мир — 3.14159 € [UNK] C++",
    "Photosynthesis converts light into chemical energy, which plants store as sugar.",
    "interest rates rose by a quarter of a percentage point",
    "supercalifragilisticexpialidocious",
    "To install the package, run the command below. It downloads nothing else; the model, about eight megabytes, is part "
    "of it. Afterwards open the page, drop a folder of notes, and search them by word or by meaning, online or offline.",
]


def main(source, package):
    rows = load_file(f"{source}/model.safetensors")["embeddings"].astype(np.float32)
    scales = np.abs(rows).max(1) / 127
    codes = np.rint(rows / np.maximum(scales, 1e-12)[:, None]).astype(np.int8)
    os.makedirs(f"{package}/data", exist_ok=True)
    save_file({"embeddings": codes, "scales": scales.astype(np.float32)}, f"{package}/data/model.safetensors")
    with open(f"{package}/data/tokenizer.json", "w", encoding="utf-8") as file:
        json.dump(json.load(open(f"{source}/tokenizer.json", encoding="utf-8")), file, ensure_ascii=False, separators=(",", ":"))

    tokenizer = Tokenizer.from_file(f"{source}/tokenizer.json")
    vectors = []
    for text in TEXTS:
        ids = [i for i in tokenizer.encode(text, add_special_tokens=False).ids if i != UNK]
        mean = rows[ids].mean(0)
        vectors.append(mean / np.linalg.norm(mean))
    fixed = np.rint(np.stack(vectors) * 32767).astype("<i2")
    files = {}
    for name in ("model.safetensors", "tokenizer.json"):
        data = open(f"{package}/data/{name}", "rb").read()
        files[name] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    with open(f"{package}/src/facts.ts", "w", encoding="utf-8") as file:
        file.write("// Written by recipe/quantise.py.\n\n")
        file.write("/** Size and SHA-256 of each file in data/. */\n")
        file.write("export const FILES: Record<'model.safetensors' | 'tokenizer.json', { bytes: number; sha256: string }> = {\n")
        for name, fact in files.items():
            file.write(f"  '{name}': {{\n    bytes: {fact['bytes']},\n    sha256: '{fact['sha256']}',\n  }},\n")
        file.write("};\n\n/** Texts and their vectors from the float16 weights: int16, little-endian, value × 32767, base64. */\n")
        file.write("export const REFERENCE: { texts: string[]; vectors: string } = {\n  texts: [\n")
        for text in TEXTS:
            quoted = f"'{text}'" if "'" not in text else json.dumps(text, ensure_ascii=False)
            file.write(f"    {quoted},\n")
        file.write(f"  ],\n  vectors:\n    '{base64.b64encode(fixed.tobytes()).decode()}',\n}};\n")
    cosine = [float(v @ m / np.linalg.norm(m)) for v, m in zip(vectors, [(codes[i].astype(np.float32) * scales[i][:, None]).mean(0) for i in
              [[p for p in tokenizer.encode(t, add_special_tokens=False).ids if p != UNK] for t in TEXTS]])]
    print(f"int8 against float16 on the reference texts: mean {np.mean(cosine):.6f}, least {min(cosine):.6f}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
