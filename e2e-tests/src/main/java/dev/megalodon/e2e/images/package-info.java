/**
 * Builds the product's container images without Docker and without a base image from elsewhere.
 *
 * <p>{@link dev.megalodon.e2e.images.NativeLibraries} finds the system libraries a JVM needs,
 * {@link dev.megalodon.e2e.images.JavaRuntime} links a small JDK, {@link
 * dev.megalodon.e2e.images.ImageDefinitions} says what each image holds, {@link
 * dev.megalodon.e2e.images.ImageBuilder} writes or pushes it, and {@link
 * dev.megalodon.e2e.images.ImagesCommand} is the command line over them.
 */
@NullMarked
package dev.megalodon.e2e.images;

import org.jspecify.annotations.NullMarked;
