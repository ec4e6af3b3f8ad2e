package dev.megalodon.trainer.parallel;

/**
 * A part of a flat buffer that is exchanged at once.
 *
 * @param offset first element in the flat buffer
 * @param length elements: a multiple of the world size; rank r owns the r-th of its equal slices
 */
public record Bucket(long offset, long length) {}
