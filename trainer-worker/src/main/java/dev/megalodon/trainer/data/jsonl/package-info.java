/** JSON lines: one JSON object a line, one of its fields the text of a document. */
@NullMarked
package dev.megalodon.trainer.data.jsonl;

import org.jspecify.annotations.NullMarked;
