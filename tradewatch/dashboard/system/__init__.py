"""The page of the installation itself: what lies on its disk, how fast that grows, how long it is kept."""
