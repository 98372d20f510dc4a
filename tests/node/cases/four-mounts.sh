# Four mounts, one with a prefix that a shell would stumble over
# user-data: four four
boot1() { good_boot one two three four; }
