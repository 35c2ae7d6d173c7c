"""A language model of a hundred kilobytes with random weights, and llama.cpp's own server over it.

Its answers are nonsense; where a schema is asked for, the server's grammar makes them valid. Run as a program it makes
the model where there is none, starts the server and prints its address: python -m tests.support.tiny_model FILE CONTEXT
"""

from __future__ import annotations

import importlib
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

WIDTH, HIDDEN, HEADS = 32, 64, 2
MERGES = ("t h", "i n", "a n", "Ġ a", "Ġ t")
CLOSING = {'"': 9.0, "]": 7.0, "}": 7.0, ",": 4.0, ":": 4.0}
"""How much likelier than chance the signs are that end a string, a list and an object, so that answers end."""

SPACES = ("Ġ", "Ċ", "ĉ")
CHAT = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}assistant: "


def bytes_as_letters() -> list[str]:
    """The letters that stand for the 256 bytes in a vocabulary of GPT-2's kind."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    other = iter(range(256, 512))
    return [chr(byte) if byte in plain else chr(next(other)) for byte in range(256)]


def make(path: Path, context: int) -> None:
    """Write the model as a GGUF file."""
    numpy, gguf = importlib.import_module("numpy"), importlib.import_module("gguf")
    words = ["<s>", "</s>", *bytes_as_letters(), *(pair.replace(" ", "") for pair in MERGES)]
    file = gguf.GGUFWriter(str(path), "llama")
    for name, value in {
        "context_length": context,
        "embedding_length": WIDTH,
        "block_count": 1,
        "feed_forward_length": HIDDEN,
        "head_count": HEADS,
        "head_count_kv": HEADS,
        "rope_dimension_count": WIDTH // HEADS,
        "layer_norm_rms_eps": 1e-5,
        "tokenizer_model": "gpt2",
        "tokenizer_pre": "default",
        "token_list": words,
        "token_types": [3, 3, *[1] * (len(words) - 2)],
        "token_merges": list(MERGES),
        "bos_token_id": 0,
        "eos_token_id": 1,
        "vocab_size": len(words),
        "chat_template": CHAT,
    }.items():
        getattr(file, f"add_{name}")(value)
    for name, tensor in tensors(numpy, words).items():
        file.add_tensor(name, tensor.astype(numpy.float32))
    file.write_header_to_file()
    file.write_kv_data_to_file()
    file.write_tensors_to_file()
    file.close()


def tensors(numpy: Any, words: list[str]) -> dict[str, Any]:
    """Random weights; the last number of every state is constant, so that it can make some signs likelier."""
    chance = numpy.random.default_rng(7)
    shapes = {
        "token_embd": (len(words), WIDTH),
        "output": (len(words), WIDTH),
        "blk.0.attn_q": (WIDTH, WIDTH),
        "blk.0.attn_k": (WIDTH, WIDTH),
        "blk.0.attn_v": (WIDTH, WIDTH),
        "blk.0.attn_output": (WIDTH, WIDTH),
        "blk.0.ffn_gate": (HIDDEN, WIDTH),
        "blk.0.ffn_up": (HIDDEN, WIDTH),
        "blk.0.ffn_down": (WIDTH, HIDDEN),
    }
    made = {f"{name}.weight": chance.standard_normal(shape) * 0.3 for name, shape in shapes.items()}
    made |= {f"{name}.weight": numpy.ones(WIDTH) for name in ("output_norm", "blk.0.attn_norm", "blk.0.ffn_norm")}
    made["token_embd.weight"][:, -1] = 3.0
    made["blk.0.attn_output.weight"][-1] = made["blk.0.ffn_down.weight"][-1] = 0.0
    likely = {**dict.fromkeys(SPACES, -9.0), **CLOSING}
    made["output.weight"][:, -1] = [likely.get(word, 0.0) / 3 for word in words]
    return made


@contextmanager
def llama(folder: Path, context: int = 16_384, model: Path | None = None) -> Iterator[str]:
    """A running server's base URL, over a model in a file or the tiny one. Raises RuntimeError if it does not start."""
    log = folder / "server.log"
    with log.open("w") as out:
        file = model or folder / "tiny.gguf"
        command = [sys.executable, "-m", "tests.support.tiny_model", str(file), str(context)]
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
    try:
        yield f"{address(process, log)}/v1"
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def address(process: subprocess.Popen[bytes], log: Path) -> str:
    """What the server says that it listens on."""
    while True:
        said = log.read_text(encoding="utf-8", errors="replace")
        found = [line for line in said.splitlines() if line.startswith("LISTENS http")]
        if found:
            return found[0].split()[1]
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"llama.cpp did not start: {log.read_text(errors='replace')[-300:]}")


def main() -> None:
    """Serve until the program is ended."""
    file, context = Path(sys.argv[1]), int(sys.argv[2])
    if not file.exists():
        make(file, context)
    xllamacpp = importlib.import_module("xllamacpp")
    settings = xllamacpp.CommonParams()
    settings.model.path = str(file)
    settings.n_ctx = context
    settings.n_parallel = 1
    settings.port = 0
    server = xllamacpp.Server(settings)
    print(f"\nLISTENS {server.listening_address}", flush=True)  # noqa: T201  (read by the test)
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    main()
