/**
 * What a worker tells the world: progress, metrics, health, and why it ended; and what it may be
 * asked for.
 */
@NullMarked
package dev.megalodon.trainer.progress;

import org.jspecify.annotations.NullMarked;
