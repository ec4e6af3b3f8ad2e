/**
 * Reading and writing of safetensors files: an 8-byte little-endian header length, a JSON header
 * that names every tensor with its type, shape and byte range, then the bytes of all tensors.
 */
@NullMarked
package dev.megalodon.kernels.safetensors;

import org.jspecify.annotations.NullMarked;
