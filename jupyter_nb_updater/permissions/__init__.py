"""IAM permissions of all roles. Policies and checks are generated from them."""
