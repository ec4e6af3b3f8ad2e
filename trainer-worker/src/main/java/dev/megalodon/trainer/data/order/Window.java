package dev.megalodon.trainer.data.order;

/**
 * Where a training sequence begins.
 *
 * @param source which source
 * @param offset its first token, counted from the source's first
 */
public record Window(int source, long offset) {}
