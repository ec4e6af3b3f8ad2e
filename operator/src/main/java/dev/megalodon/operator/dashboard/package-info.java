/** A page that shows jobs, and the JSON it is made from; reads, and never writes. */
@NullMarked
package dev.megalodon.operator.dashboard;

import org.jspecify.annotations.NullMarked;
