/**
 * Reads the files that {@code torch.save} writes of a state dict, as data: nothing in a file is
 * ever executed, and what is not on the list of allowed opcodes and names is refused with its
 * place.
 *
 * <pre>
 *   file ─▶ ZipDirectory ─▶ data.pkl ─▶ Unpickler (PickleInput, PickleStack, Rebuild) ─▶ StateDict
 *     (mapped)    └──────── data/0, data/1, … ────────────────────────────────────────▶ PytorchFile
 * </pre>
 *
 * The zip archive is read here and not by a library, because storages are to be mapped where they
 * lie, which takes the offset behind the local header, and because memory must stay bounded
 * whatever the directory claims.
 */
@NullMarked
package dev.megalodon.trainer.interchange.pytorch;

import org.jspecify.annotations.NullMarked;
