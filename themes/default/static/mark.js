// Marks on this page the words that a reader searched for, until Esc.
"use strict";
