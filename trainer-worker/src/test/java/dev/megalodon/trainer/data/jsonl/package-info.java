/** Tests of the package of the same name. */
@NullMarked
package dev.megalodon.trainer.data.jsonl;

import org.jspecify.annotations.NullMarked;
