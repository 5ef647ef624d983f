internal import CLinux

/// The process' memory.
package enum SharedHeap {
    /// Lets the threads that start from now on allocate from one heap.
    ///
    /// Windows go from the thread that reads to the one that writes and back: with a heap for each, what one frees is no
    /// room for the other.
    package static func use() {
        drainer_share_heap()
    }
}
