package dev.megalodon.trainer.data;

import java.nio.file.Path;
import java.util.OptionalDouble;

/**
 * A file or folder to train on.
 *
 * @param path the file or folder
 * @param weight its share of the training sequences, relative to the other sources'; none: sources
 *     are one text, end to end
 */
public record DataSource(Path path, OptionalDouble weight) {}
