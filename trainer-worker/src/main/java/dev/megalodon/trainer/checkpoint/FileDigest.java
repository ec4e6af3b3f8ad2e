package dev.megalodon.trainer.checkpoint;

/**
 * What a file must be.
 *
 * @param name name in the checkpoint's folder
 * @param size bytes
 * @param sha256 SHA-256 of the content, lower-case hexadecimal
 */
public record FileDigest(String name, long size, String sha256) {}
