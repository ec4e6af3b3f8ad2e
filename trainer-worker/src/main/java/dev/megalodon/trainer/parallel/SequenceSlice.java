package dev.megalodon.trainer.parallel;

/**
 * The part of a sequence that one rank holds.
 *
 * @param start position of its first token in the sequence
 * @param length tokens, 0 when the sequence has fewer chunks than there are ranks
 */
public record SequenceSlice(int start, int length) {}
