#!/usr/bin/env python3
"""Makes the tokenizers of these tests and what the packages people use say of them.

pip install sentencepiece==0.2.3 tokenizers==0.23.3; python3 make_fixtures.py LICENSE
Writes *.model, *.json beside this file; expected.json has, for every tokenizer and text, the ids
and the text of the ids; and of some random ids.
"""

import json
import pathlib
import random
import sys

import sentencepiece
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

HERE = pathlib.Path(__file__).parent
SAMPLES = [
    "",
    "a",
    "The quick brown fox jumps over the lazy dog.",
    "two  spaces, a\ttab and\nlines\n\nof text\n",
    "naïve café, Straße, Ωμέγα, 水と火, привет",
    "rockets \U0001F680\U0001F680 and families \U0001F468\u200D\U0001F469\u200D\U0001F467",
    "   leading and trailing   ",
    "nul \u0000 and control \u0007 characters",
    "public static void main(String[] args) { return; }",
    "1234567890 3.14159e-10",
    "e\u0301 composed or not \u00e9",
    "<s> </s> <unk> are words here",
]


def corpus(path):
    lines = pathlib.Path(path).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip()] + SAMPLES[1:6] * 3


def sentencepiece_model(name, lines, **options):
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines),
        model_prefix=str(HERE / name),
        minloglevel=2,
        num_threads=1,
        **options,
    )
    (HERE / f"{name}.vocab").unlink()


def expected_of_sentencepiece(name):
    processor = sentencepiece.SentencePieceProcessor(model_file=str(HERE / f"{name}.model"))
    texts = []
    for text in SAMPLES:
        ids = processor.encode(text)
        texts.append({"text": text, "ids": ids, "decoded": processor.decode(ids)})
    texts += random_ids(processor.get_piece_size(), processor.decode)
    return {"file": f"{name}.model", "vocabulary": processor.get_piece_size(), "texts": texts}


def random_ids(vocabulary, decode):
    numbers = random.Random(1)
    lists = [numbers.choices(range(vocabulary), k=length) for length in range(1, 12)]
    return [{"ids": ids, "decoded": decode(ids)} for ids in lists]


def byte_level(lines):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=["<|endoftext|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(lines, trainer)
    return tokenizer


def unigram(lines):
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=400, special_tokens=["<unk>"], unk_token="<unk>", show_progress=False
    )
    tokenizer.train_from_iterator(lines, trainer)
    return tokenizer


def expected_of_tokenizers(name, tokenizer):
    tokenizer.save(str(HERE / f"{name}.json"), pretty=False)
    texts = []
    for text in SAMPLES:
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        decoded = tokenizer.decode(ids, skip_special_tokens=False)
        texts.append({"text": text, "ids": ids, "decoded": decoded})
    texts += random_ids(
        tokenizer.get_vocab_size(), lambda ids: tokenizer.decode(ids, skip_special_tokens=False)
    )
    return {"file": f"{name}.json", "vocabulary": tokenizer.get_vocab_size(), "texts": texts}


def main():
    lines = corpus(sys.argv[1])
    sentencepiece_model("unigram", lines, model_type="unigram", vocab_size=400)
    sentencepiece_model(
        "bpe",
        lines,
        model_type="bpe",
        vocab_size=700,
        byte_fallback=True,
        split_digits=True,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        character_coverage=0.995,
    )
    expected = [
        expected_of_sentencepiece("unigram"),
        expected_of_sentencepiece("bpe"),
        expected_of_tokenizers("byte_level", byte_level(lines)),
        expected_of_tokenizers("metaspace", unigram(lines)),
    ]
    text = json.dumps(expected, ensure_ascii=True, indent=1)
    (HERE / "expected.json").write_text(text + "\n", encoding="utf-8")


main()
