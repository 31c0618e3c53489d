package gm

// Tolerate is the second reading alone.
var Tolerate = tolerate
