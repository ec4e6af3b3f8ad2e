@NullMarked
package dev.megalodon.trainer.rendezvous;

import org.jspecify.annotations.NullMarked;
