# A node group with an AMI of one's own: the script after a full NodeConfig
# user-data: custom-ami etl
boot1() { good_boot jars results; }
